import type { DockerConnection } from "../connect.ts";
import { ask } from "./docker-fault.ts";

/** Waits until a container that was started no longer runs; gives its exit code. */
export async function waitForContainer(
  docker: DockerConnection,
  id: string,
  signal: AbortSignal,
): Promise<number> {
  const ended = await ask(() => docker.getContainer(id).wait({ abortSignal: signal }));
  return (ended as { readonly StatusCode: number }).StatusCode;
}
