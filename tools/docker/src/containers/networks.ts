import type { DockerConnection } from "../connect.ts";
import { ask, askUnlessMissing } from "./docker-fault.ts";

/** Makes a network whose containers reach each other and nothing else; returns its id. */
export async function createIsolatedNetwork(
  docker: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<string> {
  const network = await ask(() =>
    docker.createNetwork({ Name: name, Internal: true, CheckDuplicate: true, Labels: { ...labels } }),
  );
  return network.id;
}

/** Removes a network; one that is gone is no fault. */
export async function removeNetwork(docker: DockerConnection, id: string): Promise<void> {
  await askUnlessMissing(() => docker.getNetwork(id).remove());
}
