/**
 * An answer of the API server that is no success, or none at all. `status` 0: no answer came, and whether the request was
 * carried out is not known.
 */
export class ClusterError extends Error {
  readonly status: number;
  /** The machine's word for it, such as `AlreadyExists`. */
  readonly reason: string;
  /** How long the server wants to be left alone. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly reason?: string;
      readonly retryAfterMs?: number | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.name = "ClusterError";
    this.status = facts.status;
    this.reason = facts.reason ?? "";
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** True where the request may have been carried out all the same: what it wanted must be read back. */
export function isAmbiguous(error: unknown): error is ClusterError {
  return error instanceof ClusterError && (error.status === 0 || error.status >= 500);
}

/** True for an answer with this status. */
export function hasStatus(error: unknown, ...statuses: readonly number[]): error is ClusterError {
  return error instanceof ClusterError && statuses.includes(error.status);
}
