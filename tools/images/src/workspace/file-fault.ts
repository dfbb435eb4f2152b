import { UserError } from "@workstation/cli";

/** Writes to a place that a person chose or owns. Throws `CANNOT_WRITE` where the machine does not let it. */
export function writingTo<T>(place: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw asUserError(error, {
      code: "CANNOT_WRITE",
      what: `cannot write ${place}`,
      hint: "make room there or correct its permissions, or name another place, and run the same command again",
    });
  }
}

/** Reads what a person wrote. Throws `CANNOT_READ` where the machine does not let it. */
export function readingFrom<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const hint = `make ${place} readable for the account that runs this`;
    throw asUserError(error, { code: "CANNOT_READ", what: `cannot read ${place}`, hint });
  }
}

/** A fault that the system names (a full disk, a missing permission) is the user's to mend; all else is passed on. */
function asUserError(
  error: unknown,
  { code, what, hint }: { readonly code: string; readonly what: string; readonly hint: string },
): unknown {
  if (!(error instanceof Error) || !("syscall" in error)) return error;
  const { path, message } = error as NodeJS.ErrnoException;
  const where = path === undefined || what.endsWith(path) || message.includes(path) ? "" : ` (${path})`;
  return new UserError(code, `${what}: ${message}${where}`, { hint, cause: error });
}
