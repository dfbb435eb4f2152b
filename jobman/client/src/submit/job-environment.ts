import { UserError } from "@workstation/cli";
import type { Context } from "../context.ts";
import { readEnvFile } from "./env-file.ts";

/**
 * The job's environment: the files of `--env-file` in their order, then every `--env`, so that the last one counts.
 * `--env NAME` takes the value from jobman's own environment, where other users of the machine cannot read it as they
 * can a command line. Throws `USAGE`, `ENV_FILE`.
 */
export function jobEnvironment({
  arguments: given,
  io,
}: Pick<Context, "arguments" | "io">): Record<string, string> {
  return Object.fromEntries([
    ...given.values("env-file").flatMap(readEnvFile),
    ...given.values("env").map((text) => assignment(text, io.environment)),
  ]);
}

function assignment(text: string, own: Context["io"]["environment"]): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals > 0) return [text.slice(0, equals), text.slice(equals + 1)];
  if (text === "" || equals === 0) {
    throw new UserError("USAGE", `--env "${text}" is not NAME=VALUE`, { hint: "e.g. --env NAME=value" });
  }
  const value = own[text];
  if (value !== undefined) return [text, value];
  throw new UserError("USAGE", `--env ${text}: there is no variable "${text}" in your environment`, {
    hint: `export it, or give the value: --env ${text}=value`,
  });
}
