import { UserError } from "@workstation/cli";
import { type ApiErrorBody, type ApiErrorCode, apiErrors } from "@workstation/jobman/protocol";

/** How an error is answered. What is no fault of the asker's tells nothing of our inside. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ApiErrorBody;
}

/** Who reads an answer: the operator is told what to do about a fault of the place, a user only whom to ask. */
export type Audience = "user" | "operator";

/** The answer to an error: API codes as they are, what only an operator can mend as such, anything else as 500. */
export function answerFor(error: unknown, audience: Audience = "user"): ErrorAnswer {
  if (error instanceof UserError) return answerForUserError(error, audience);
  const requestError = answerForRequestError(error);
  if (requestError !== undefined) return requestError;
  return answer("INTERNAL", "the scheduler failed to answer; the operator finds the cause in its log");
}

/** True for a fault that somebody can mend, but nobody who only sends requests. */
export function isOperatorsFault(error: unknown): error is UserError {
  return error instanceof UserError && !isApiErrorCode(error.code) && !askersCodes.has(error.code);
}

/** Codes of engines for what an asker wrote. */
const askersCodes: ReadonlySet<string> = new Set(["CURSOR_INVALID"]);

function isApiErrorCode(code: string): code is ApiErrorCode {
  return Object.hasOwn(apiErrors, code);
}

function answerForUserError(error: UserError, audience: Audience): ErrorAnswer {
  if (isApiErrorCode(error.code)) return answer(error.code, error.message, error.hint);
  if (askersCodes.has(error.code)) return answer("INVALID_REQUEST", error.message, error.hint);
  if (audience === "operator") return answer("OPERATOR_NEEDED", error.message, error.hint);
  const message = `the scheduler cannot do this before its operator has mended something (${error.code})`;
  return answer("OPERATOR_NEEDED", message, "nothing is wrong with your request: ask the operator");
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
