import { exitCodes, UserError } from "@workstation/cli";

/** What a file of ours could not be used for, as somebody can mend it: `STORAGE_FULL` or `STATE_UNWRITABLE`. */
export function storageError(file: string, cause: unknown): UserError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") {
    return new UserError("STORAGE_FULL", `the disk is full: ${file} could not be written`, {
      hint: "nothing was changed; free space, then try again",
      exitCode: exitCodes.tryLater,
      cause,
    });
  }
  return unusable(file, { what: `could not be written: ${message}`, cause });
}

/** Why a file of ours could not be opened. */
export function openError(file: string, cause: unknown): UserError {
  const { code } = cause as NodeJS.ErrnoException;
  switch (code) {
    case "ELOOP":
      return unusable(file, { what: "is a symbolic link, and none is followed here", cause });
    case "EISDIR":
      return unusable(file, { what: "is a folder, not a file", cause });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return unusable(file, { what: "may not be written by this account", cause });
    default:
      return storageError(file, cause);
  }
}

/** For what is there, can be opened, and is no file: reading it might never end. */
export function notAFile(file: string): UserError {
  return unusable(file, { what: "is not an ordinary file", cause: undefined });
}

function unusable(file: string, fault: { readonly what: string; readonly cause: unknown }): UserError {
  return new UserError("STATE_UNWRITABLE", `${file} ${fault.what}`, {
    hint: "mend it or move it away (a new one is made), or name another folder with --state",
    exitCode: exitCodes.unavailable,
    cause: fault.cause,
  });
}
