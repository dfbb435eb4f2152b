import { UserError } from "@workstation/cli";
import { type ApiErrorCode, apiErrors } from "@workstation/jobman/protocol";

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
