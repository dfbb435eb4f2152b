import { exitCodes, UserError } from "@workstation/cli";
import { apiErrors } from "../protocol/error-codes.ts";
import type { ApiErrorBody } from "../protocol/errors.ts";

/** The fault that an answer names, with the exit code of the contract; an answer in another shape keeps its status. */
export function errorFromAnswer(status: number, text: string): UserError {
  const body = readBody(text);
  if (body === undefined) {
    const message = `the scheduler refused with HTTP ${status}: ${text.slice(0, 200)}`;
    return new UserError("HTTP_STATUS", message, { exitCode: exitCodeOfStatus(status) });
  }
  const hint = body.hint === undefined ? {} : { hint: body.hint };
  return new UserError(body.code, body.message, { exitCode: exitCodeOf(body.code, status), ...hint });
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
  return status < 500 ? exitCodes.usage : exitCodes.unavailable;
}
