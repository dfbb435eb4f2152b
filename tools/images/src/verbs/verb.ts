import type { Command } from "commander";
import type { Workspace } from "../workspace/workspace.ts";

/** What the command line gave; `names` are the arguments that are no options. */
export type GivenOptions = Readonly<Record<string, unknown>> & { readonly names: readonly string[] };

/** One verb's file: declares its options and returns what to run. */
export interface CommandFile {
  describe(command: Command): (workspace: Workspace, options: GivenOptions) => Promise<number | undefined>;
}
