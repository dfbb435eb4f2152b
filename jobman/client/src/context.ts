import type { Reporter } from "@workstation/cli";
import type { Api } from "./api/api.ts";
import type { Arguments } from "./arguments/specification.ts";
import type { Io } from "./io.ts";
import type { OutputFormat } from "./output/formats.ts";

/** What a command may use. */
export interface Context {
  readonly io: Io;
  readonly arguments: Arguments;
  readonly format: OutputFormat | undefined;
  readonly quiet: boolean;
  /** What was found in the file given with `--settings`. */
  readonly settings: Settings;
  /** Tells the person at the terminal, on stderr; silent with `--quiet`. */
  readonly reporter: Reporter;
  /** The scheduler; connects at the first request. */
  readonly api: Api;
}

/** The settings of the tool this one replaces that mean something here. */
export interface Settings {
  readonly defaultImage?: string;
  readonly defaultFlavor?: string;
}
