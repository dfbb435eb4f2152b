import { safeText } from "./redact.ts";
import type { TextSink } from "./reporter.ts";
import { exitCodes, UserError } from "./user-error.ts";

/**
 * The edge of a command: runs `work`, prints what went wrong once, and returns the exit code.
 * `work` may return a code of its own; a `UserError` prints its message and hint, anything else its stack.
 */
export async function runCommand(work: () => Promise<number | undefined>, errors: TextSink): Promise<number> {
  try {
    return (await work()) ?? exitCodes.ok;
  } catch (error) {
    errors.write(`${describeError(error)}\n`);
    return error instanceof UserError ? error.exitCode : exitCodes.bug;
  }
}

/** An error as text for a person: redacted, control characters escaped, with the way out when there is one. */
export function describeError(error: unknown): string {
  if (error instanceof UserError) {
    const lines = [`error: ${error.message}`, ...(error.hint === undefined ? [] : [`  ${error.hint}`])];
    return safeText(lines.join("\n"));
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return safeText(`this is a fault of the program, please report it:\n${text}`);
}
