import { redact, UserError } from "@workstation/cli";
import type { Command } from "commander";
import type { Workspace } from "../workspace/workspace.ts";

/** What the command line gave. */
export type GivenOptions = Readonly<Record<string, unknown>> & {
  /** The arguments that are no options. */
  readonly names: readonly string[];
  /** All words as they were typed, the verb's too. */
  readonly argv: readonly string[];
};

/** What a verb answers to a program: it names the version of its shape, as every answer of the project does. */
export function jsonText(answer: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ apiVersion: "v1", ...answer }, null, 2)}\n`;
}

/** A verb that stopped in the middle, with what a program shall hear of it beside the error. */
export class Unfinished extends Error {
  readonly answer: Readonly<Record<string, unknown>>;

  constructor(cause: unknown, answer: Readonly<Record<string, unknown>>) {
    super("unfinished", { cause });
    this.answer = answer;
  }
}

/** What `--json` answers when a verb fails, with what it has to say beside the error; every verb the same. */
export function failureText(error: unknown, answer: Readonly<Record<string, unknown>> = {}): string {
  const { code, hint } = error instanceof UserError ? error : { code: "INTERNAL", hint: undefined };
  const message = redact(error instanceof Error ? error.message : String(error));
  return jsonText({ ...answer, error: { code, message, hint: hint === undefined ? null : redact(hint) } });
}

/** One verb's file: declares its options and returns what to run. */
export interface CommandFile {
  describe(command: Command): (workspace: Workspace, options: GivenOptions) => Promise<number | undefined>;
}
