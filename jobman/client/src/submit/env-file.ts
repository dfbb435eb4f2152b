import { closeSync, openSync, readSync } from "node:fs";
import { UserError } from "@workstation/cli";

// More than any job's environment may hold.
const largestFile = 1024 * 1024;

/**
 * The variables of a file of `NAME=VALUE` lines. Values are taken as they are, without quotes or expansion; empty lines
 * and lines that begin with `#` are left out. No message repeats a line, which may be a secret. Throws `ENV_FILE`.
 */
export function readEnvFile(path: string): readonly (readonly [string, string])[] {
  const lines = textOf(path).split("\n");
  return lines.flatMap((line, index) => variableOf(line.replace(/\r$/, ""), `${path}:${index + 1}`));
}

function variableOf(line: string, place: string): readonly (readonly [string, string])[] {
  if (line.trim() === "" || line.trimStart().startsWith("#")) return [];
  const [, name, value] = /^\s*([^\s=]+)=(.*)$/s.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return [[name, value]];
  throw refusal(`${place} is not NAME=VALUE`, "values have no quotes; without a value write NAME=");
}

function textOf(path: string): string {
  const bytes = bytesOf(path);
  if (bytes.length > largestFile) {
    throw refusal(`${path} is larger than ${largestFile} bytes`, "a job reads large data from its home");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refusal(`${path} is no UTF-8 text`, "save it as UTF-8", error);
  }
}

/** One byte more than is allowed at most: what is given may be a pipe or a device that never ends. */
function bytesOf(path: string): Uint8Array {
  try {
    const file = openSync(path, "r");
    try {
      return readAtMost(file, largestFile + 1);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw refusal(
      `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      "--env-file wants a file of NAME=VALUE lines",
      error,
    );
  }
}

function readAtMost(file: number, limit: number): Uint8Array {
  const bytes = Buffer.alloc(limit);
  let length = 0;
  for (let read = -1; read !== 0 && length < limit; length += read) {
    read = readSync(file, bytes, length, limit - length, null);
  }
  return bytes.subarray(0, length);
}

function refusal(message: string, hint: string, cause?: unknown): UserError {
  return new UserError("ENV_FILE", `--env-file: ${message}`, { hint, cause });
}
