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

/** Makes an empty volume unless one of that name is there; returns the one that is there then, with its own labels. */
export async function ensureVolume(
  docker: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<VolumeRow> {
  await ask(() => docker.createVolume({ Name: name, Labels: { ...labels } }));
  const found = await ask(() => docker.getVolume(name).inspect());
  return { name: found.Name, labels: found.Labels ?? {} };
}

/** Removes a volume; one that is gone or in use is left alone. */
export async function removeVolume(docker: DockerConnection, name: string): Promise<void> {
  try {
    await askUnlessMissing(() => docker.getVolume(name).remove());
  } catch (error) {
    if (statusOf(error) !== 409) throw error;
  }
}
