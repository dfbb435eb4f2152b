import type { Reporter } from "@workstation/cli";
import type { Api } from "../api/api.ts";
import type { Arguments, Operands, OptionSpecification } from "../arguments/specification.ts";
import type { Io } from "../io.ts";
import type { OutputFormat } from "../output/formats.ts";

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

/** Does the work; the returned code, or 0, becomes the exit code. */
type CommandRun = (context: Context) => Promise<number | undefined>;

/** One line of the command table: what the help says, how the command line is read, and where the work is. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Command lines for the help, without the leading `jobman`. */
  readonly usage: readonly string[];
  readonly operands: Operands;
  readonly options: readonly OptionSpecification[];
  /** Paragraphs for the end of the help. */
  readonly notes?: readonly string[];
  /** Loads the work, so that a command costs no other command's start. */
  readonly load: () => Promise<{ readonly run: CommandRun }>;
}
