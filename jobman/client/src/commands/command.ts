import type { Operands, OptionSpecification } from "../arguments/specification.ts";
import type { Context } from "../context.ts";

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
