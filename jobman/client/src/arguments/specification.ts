/** One option of a command; without `value` it is a flag. */
export interface OptionSpecification {
  readonly long: string;
  readonly short?: string;
  /** What stands for the value in the help, e.g. `NAME`. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly summary: string;
}

/**
 * What may stand behind the options. `rest`: everything from the first word that is no option, unread, which is how
 * a job's own command line arrives as it was typed.
 */
export type Operands = "none" | "one" | "rest";

/** What a command line said. */
export interface Arguments {
  /** The last value of an option. */
  value(long: string): string | undefined;
  /** All values of a repeatable option. */
  values(long: string): readonly string[];
  has(long: string): boolean;
  readonly operands: readonly string[];
}
