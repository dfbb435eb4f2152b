import { exitCodes, UserError } from "@workstation/cli";

/** The scheduler could not be reached, or went away in the middle of an answer; a later attempt may succeed. */
export class ConnectionError extends UserError {
  /** False when the request cannot have reached the scheduler. */
  readonly sent: boolean;

  /** @param code the system's name of the fault, e.g. `ECONNREFUSED` */
  constructor(code: string, options: { readonly sent: boolean; readonly cause: unknown }) {
    super(code, sentences[code] ?? `the connection failed (${code})`, {
      exitCode: exitCodes.unavailable,
      cause: options.cause,
    });
    this.name = "ConnectionError";
    this.sent = options.sent;
  }
}

const sentences: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ECONNREFUSED: "nobody listens there: the scheduler does not run",
  EACCES: "this account may not use it",
  EPERM: "this account may not use it",
  ENOTSOCK: "it is no socket",
  ENOTDIR: "a part of its path is no folder",
  ECONNRESET: "the scheduler went away in the middle of its answer",
  ETIMEDOUT: "the scheduler does not answer",
};
