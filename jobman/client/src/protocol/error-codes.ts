/** Every fault the API names, with the HTTP status it is sent with and the exit code of `jobman` that it becomes. */
export const apiErrors = {
  INVALID_REQUEST: { status: 400, exitCode: 2 },
  UNKNOWN_FLAVOR: { status: 400, exitCode: 2 },
  UNKNOWN_IMAGE: { status: 400, exitCode: 2 },
  INVALID_NAME: { status: 400, exitCode: 2 },
  INVALID_DATASET: { status: 400, exitCode: 2 },
  /** Nobody is known to be asking: no token, or one that is expired, forged or meant for something else. */
  NOT_AUTHENTICATED: { status: 401, exitCode: 77 },
  NO_SUCH_JOB: { status: 404, exitCode: 3 },
  LOG_GONE: { status: 410, exitCode: 1 },
  NO_SUCH_ROUTE: { status: 404, exitCode: 2 },
  NAME_TAKEN: { status: 409, exitCode: 2 },
  USER_LIMIT: { status: 409, exitCode: 75 },
  DATASET_NOT_GRANTED: { status: 403, exitCode: 77 },
  NOT_ALLOWED: { status: 403, exitCode: 77 },
  REQUEST_TOO_LARGE: { status: 413, exitCode: 2 },
  TOO_MANY_REQUESTS: { status: 429, exitCode: 75 },
  NO_DEVICES: { status: 503, exitCode: 69 },
  ENGINE_UNAVAILABLE: { status: 503, exitCode: 69 },
  /** Whether a token is good cannot be told at the moment. */
  AUTHENTICATION_UNAVAILABLE: { status: 503, exitCode: 69 },
  /** Nothing that the asker could mend: the operator finds the cause in `jobman-scheduler status`. */
  OPERATOR_NEEDED: { status: 503, exitCode: 69 },
  STORAGE_FULL: { status: 507, exitCode: 75 },
  INTERNAL: { status: 500, exitCode: 70 },
} as const;
export type ApiErrorCode = keyof typeof apiErrors;
