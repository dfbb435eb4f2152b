import type { Readable } from "node:stream";
import { exitCodes, UserError } from "@workstation/cli";
import type { DockerConnection } from "../connect.ts";
import { ask } from "./docker-fault.ts";
import { readOutputFrames } from "./log-frames.ts";

/** A command that ended inside a running container. */
export interface ExecEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to run beside what a container runs, and how much of it is borne: its programs may be anybody's. */
export interface ExecRequest {
  readonly command: readonly string[];
  /** Besides the container's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Aborting lets go of the command. */
  readonly signal?: AbortSignal;
  /** Default: a minute. */
  readonly limitMs?: number;
  /** Of both streams together; default: 1 MiB. */
  readonly outputLimitBytes?: number;
}

const usual = { limitMs: 60_000, outputLimitBytes: 2 ** 20 };

/**
 * Runs a command in a running container, as its user, and resolves when it has ended. Throws `EXEC_TOO_LONG` and
 * `EXEC_TOO_LOUD` when a limit is reached, the signal's reason when it is aborted; the engine knows no way to end the
 * command, which lives on in its container then.
 */
export async function execInContainer(
  docker: DockerConnection,
  id: string,
  request: ExecRequest,
): Promise<ExecEnd> {
  const { limitMs = usual.limitMs } = request;
  const limit = AbortSignal.timeout(limitMs);
  const signal = request.signal === undefined ? limit : AbortSignal.any([limit, request.signal]);
  try {
    return await untilAborted(signal, run(docker, id, { request, signal }));
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!limit.aborted) throw error;
    throw beyond("EXEC_TOO_LONG", request, `did not end within ${limitMs / 1000} s`);
  }
}

async function run(
  docker: DockerConnection,
  id: string,
  { request, signal }: { readonly request: ExecRequest; readonly signal: AbortSignal },
): Promise<ExecEnd> {
  const exec = await ask(() =>
    docker.getContainer(id).exec({
      Cmd: [...request.command],
      Env: Object.entries(request.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      AttachStdout: true,
      AttachStderr: true,
      abortSignal: signal,
    }),
  );
  const stream = (await ask(() => exec.start({ hijack: true, stdin: false }))) as unknown as Readable;
  try {
    const output = await untilAborted(signal, read(stream, request));
    const { ExitCode } = await ask(() => exec.inspect({ abortSignal: signal }));
    return { exitCode: ExitCode ?? -1, ...output };
  } finally {
    stream.destroy();
  }
}

async function read(
  stream: Readable,
  request: ExecRequest,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const { outputLimitBytes = usual.outputLimitBytes } = request;
  const parts: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  let bytes = 0;
  for await (const frame of readOutputFrames(stream)) {
    bytes += frame.data.length;
    if (bytes > outputLimitBytes) {
      throw beyond("EXEC_TOO_LOUD", request, `wrote more than ${outputLimitBytes} bytes`);
    }
    parts[frame.stream].push(frame.data);
  }
  return { stdout: Buffer.concat(parts.stdout).toString(), stderr: Buffer.concat(parts.stderr).toString() };
}

/** Rejects with the signal's reason as soon as it is aborted, whatever becomes of the work. */
async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const over = Promise.withResolvers<never>();
  const stop = (): void => over.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Whether a command in a container was let go of because it reached a limit; the error says which. */
export function isBeyondLimits(error: unknown): error is UserError {
  return error instanceof UserError && (error.code === "EXEC_TOO_LONG" || error.code === "EXEC_TOO_LOUD");
}

function beyond(code: "EXEC_TOO_LONG" | "EXEC_TOO_LOUD", request: ExecRequest, what: string): UserError {
  return new UserError(code, `${request.command[0]} ${what} in its container`, {
    exitCode: exitCodes.failure,
  });
}
