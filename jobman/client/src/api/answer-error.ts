import { exitCodes, UserError } from "@workstation/cli";
import type { Endpoint } from "../endpoint/endpoint.ts";
import { apiErrors } from "../protocol/error-codes.ts";
import type { ApiErrorBody } from "../protocol/errors.ts";

/** An answer that is no success. */
interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly endpoint: Endpoint;
}

/** The fault that an answer names, with the exit code of the contract; an answer in another shape keeps its status. */
export function errorFromAnswer(refusal: Refusal): UserError {
  const { status, text } = refusal;
  const body = readBody(text) ?? {
    code: `HTTP_${status}`,
    message: `the scheduler refused with HTTP ${status}: ${text.slice(0, 200)}`,
  };
  const hints = [body.hint, tokenHint(refusal)].filter((hint) => hint !== undefined);
  const hint = hints.length === 0 ? {} : { hint: hints.join("\n  ") };
  return new UserError(body.code, body.message, { exitCode: exitCodeOf(body.code, status), ...hint });
}

/** The scheduler does not know where its asker has the token from, nor may it repeat it. */
function tokenHint({ status, endpoint }: Refusal): string | undefined {
  if (status !== 401 || endpoint.kind !== "url") return undefined;
  return `the token was read from ${endpoint.tokenFile}`;
}

function readBody(text: string): ApiErrorBody | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const known = typeof value === "object" && value !== null && "code" in value && "message" in value;
    return known ? (value as ApiErrorBody) : undefined;
  } catch {
    return undefined;
  }
}

function exitCodeOf(code: string, status: number): number {
  const known = Object.entries(apiErrors).find(([name]) => name === code);
  return known?.[1].exitCode ?? exitCodeOfStatus(status);
}

function exitCodeOfStatus(status: number): number {
  if (status === 404) return exitCodes.notFound;
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  return status < 500 ? exitCodes.usage : exitCodes.unavailable;
}
