import type { DockerConnection } from "../connect.ts";
import { ask, askSoon, askUnlessMissing, statusOf } from "./docker-fault.ts";

export interface VolumeRow {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface PlacedVolume extends VolumeRow {
  readonly mountpoint: string;
}

/** Volumes with the label (`name=value`) that no container uses, and where the engine keeps each. */
export async function listUnusedVolumes(
  docker: DockerConnection,
  label: string,
): Promise<readonly PlacedVolume[]> {
  return await volumesWith(docker, { label: [label], dangling: ["true"] });
}

/** Volumes with the label (`name=value`), and where the engine keeps each. */
export async function listVolumes(docker: DockerConnection, label: string): Promise<readonly PlacedVolume[]> {
  return await volumesWith(docker, { label: [label] });
}

async function volumesWith(
  docker: DockerConnection,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<readonly PlacedVolume[]> {
  const found = await askSoon(docker, (soon) => soon.listVolumes({ filters } as object));
  return (found.Volumes ?? []).map((each) => ({
    name: each.Name,
    labels: each.Labels ?? {},
    mountpoint: each.Mountpoint,
  }));
}

/** What each volume takes, in bytes, as the engine reckons: a walk over all of them, which takes its time. */
export async function volumeSizes(docker: DockerConnection): Promise<ReadonlyMap<string, number>> {
  const found = await ask(() => docker.df());
  const volumes = (found as { readonly Volumes?: readonly SizedVolume[] | null }).Volumes ?? [];
  return new Map(volumes.map((each) => [each.Name, Math.max(0, each.UsageData?.Size ?? 0)]));
}

interface SizedVolume {
  readonly Name: string;
  readonly UsageData?: { readonly Size: number } | null;
}

/** Makes an empty volume unless one of that name is there; returns the one that is there then, with its own labels. */
export async function ensureVolume(
  docker: DockerConnection,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<VolumeRow> {
  await askSoon(docker, (soon) => soon.createVolume({ Name: name, Labels: { ...labels } }));
  const found = await askSoon(docker, (soon) => soon.getVolume(name).inspect());
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
