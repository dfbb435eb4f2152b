import type { Readable } from "node:stream";
import type { DockerConnection } from "../connect.ts";
import { ask } from "./docker-fault.ts";
import { readOutputFrames } from "./log-frames.ts";

/** A command that ended inside a running container. */
export interface ExecEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to run beside what a container runs. */
export interface ExecRequest {
  readonly command: readonly string[];
  /** Besides the container's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command in a running container, as its user, and resolves when it has ended. */
export async function execInContainer(
  docker: DockerConnection,
  id: string,
  request: ExecRequest,
): Promise<ExecEnd> {
  const exec = await ask(() =>
    docker.getContainer(id).exec({
      Cmd: [...request.command],
      Env: Object.entries(request.environment ?? {}).map(([name, value]) => `${name}=${value}`),
      AttachStdout: true,
      AttachStderr: true,
    }),
  );
  const stream = (await ask(() => exec.start({ hijack: true, stdin: false }))) as unknown as Readable;
  const output = { stdout: "", stderr: "" };
  for await (const frame of readOutputFrames(stream)) output[frame.stream] += frame.data.toString();
  const { ExitCode } = await ask(() => exec.inspect());
  return { exitCode: ExitCode ?? -1, ...output };
}

/** A running container's address on that network, for this machine; undefined when it has none. */
export async function containerAddress(
  docker: DockerConnection,
  id: string,
  network: string,
): Promise<string | undefined> {
  const { NetworkSettings } = await ask(() => docker.getContainer(id).inspect());
  const address = NetworkSettings.Networks[network]?.IPAddress;
  return address === "" ? undefined : address;
}
