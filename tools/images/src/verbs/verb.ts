import type { Command } from "commander";
import type { Workspace } from "../workspace/workspace.ts";

/** What the command line gave; `names` are the arguments that are no options. */
export type GivenOptions = Readonly<Record<string, unknown>> & { readonly names: readonly string[] };

/** What a verb answers to a program: it names the version of its shape, as every answer of the project does. */
export function jsonText(answer: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify({ apiVersion: "v1", ...answer }, null, 2)}\n`;
}

/** One verb's file: declares its options and returns what to run. */
export interface CommandFile {
  describe(command: Command): (workspace: Workspace, options: GivenOptions) => Promise<number | undefined>;
}
