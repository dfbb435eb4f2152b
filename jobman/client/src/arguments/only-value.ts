import { UserError } from "@workstation/cli";
import type { Arguments } from "./specification.ts";

/**
 * The one value that a command is about, given as an option or bare. Throws `USAGE` when it is missing or there twice.
 *
 * @param long the option's long name; `what`: how a person calls it, e.g. `the job`
 */
export function onlyValue(
  given: Arguments,
  long: string,
  { what, command }: { readonly what: string; readonly command: string },
): string {
  const value = optionalValue(given, long, what);
  if (value !== undefined) return value;
  throw new UserError("USAGE", `jobman ${command} needs ${what}`, { hint: `see: jobman ${command} --help` });
}

/** As `onlyValue`, for a command that can do without. */
export function optionalValue(given: Arguments, long: string, what: string): string | undefined {
  const named = given.value(long);
  const bare = given.operands[0];
  if (named !== undefined && bare !== undefined && named !== bare) {
    throw new UserError("USAGE", `${what} is there twice: "${named}" and "${bare}"`);
  }
  return named ?? bare;
}
