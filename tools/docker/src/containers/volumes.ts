import type { DockerConnection } from "../connect.ts";
import { ask, askUnlessMissing, statusOf } from "./docker-fault.ts";

export interface VolumeRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Volumes with the label (`name=value`) that no container uses. */
export async function listUnusedVolumes(
  docker: DockerConnection,
  label: string,
): Promise<readonly VolumeRow[]> {
  const found = await ask(() =>
    docker.listVolumes({ filters: { label: [label], dangling: ["true"] } } as object),
  );
  return (found.Volumes ?? []).map((each) => ({ name: each.Name, labels: each.Labels ?? {} }));
}

/** Removes a volume; one that is gone or in use is left alone. */
export async function removeVolume(docker: DockerConnection, name: string): Promise<void> {
  try {
    await askUnlessMissing(() => docker.getVolume(name).remove());
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
}
