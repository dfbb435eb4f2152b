import { UserError } from "@workstation/cli";
import { type ApiErrorBody, type ApiErrorCode, apiErrors } from "@workstation/jobman/protocol";

/** A request that is refused, with a code of the API's closed list. */
export class ApiError extends UserError {
  override readonly code: ApiErrorCode;

  constructor(
    code: ApiErrorCode,
    message: string,
    options: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(code, message, { ...options, exitCode: apiErrors[code].exitCode });
    this.name = "ApiError";
    this.code = code;
  }
}

/** How an error is answered. What is no fault of the asker's tells nothing of our inside. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ApiErrorBody;
}

/** The answer to an error: API codes as they are, other faults that a person can mend as 400, anything else as 500. */
export function answerFor(error: unknown): ErrorAnswer {
  if (error instanceof UserError) return answerForUserError(error);
  const requestError = answerForRequestError(error);
  if (requestError !== undefined) return requestError;
  return answer("INTERNAL", "the scheduler failed to answer; the operator finds the cause in its log");
}

/** True for codes of the API's own list. */
export function isApiErrorCode(code: string): code is ApiErrorCode {
  return Object.hasOwn(apiErrors, code);
}

function answerForUserError(error: UserError): ErrorAnswer {
  const code = isApiErrorCode(error.code) ? error.code : "INVALID_REQUEST";
  return answer(code, error.message, error.hint);
}

// Faults that the HTTP framework finds before a route is reached.
function answerForRequestError(error: unknown): ErrorAnswer | undefined {
  const { code, statusCode, message, validation } = error as {
    readonly code?: unknown;
    readonly statusCode?: unknown;
    readonly message?: unknown;
    readonly validation?: unknown;
  };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    return answer(
      "REQUEST_TOO_LARGE",
      "the request takes more than 2 MiB",
      "put the data into a file in persistent-home",
    );
  }
  if (Array.isArray(validation)) return answer("INVALID_REQUEST", describeValidation(validation));
  const isRequestFault = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return isRequestFault ? answer("INVALID_REQUEST", String(message)) : undefined;
}

function describeValidation(validation: readonly unknown[]): string {
  const [first] = validation as readonly { readonly instancePath?: string; readonly message?: string }[];
  const place = (first?.instancePath ?? "").replace(/^\//, "").replaceAll("/", ".");
  return `${place === "" ? "the request" : place}: ${first?.message ?? "is not valid"}`;
}

function answer(code: ApiErrorCode, message: string, hint?: string): ErrorAnswer {
  return { status: apiErrors[code].status, body: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
