import { listVolumes, volumeSizes } from "@workstation/docker";
import type { ScratchUse } from "../../engine.ts";
import { instanceLabel, jobIdOf } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { ownsVolumes } from "./empty-scratch.ts";
import { countRemoved } from "./nameless-files.ts";
import { type Counted, countFolders } from "./walk.ts";

type JobVolume = Awaited<ReturnType<typeof listVolumes>>[number] & { readonly id: string };

/**
 * What the jobs `ids` hold on disk: home, /tmp and /var/tmp of each together. Beside the engine and as root counted, one
 * job after the other, with what was removed and is still open; else as the engine reckons, which counts no files. Jobs
 * that could not be measured are missing.
 */
export async function scratchUse(
  context: EngineContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ScratchUse>> {
  const wanted = new Set(ids);
  const volumes = (await listVolumes(context.docker, instanceLabel(context.instance))).flatMap((volume) => {
    const id = jobIdOf(volume.labels, context.instance);
    return id !== undefined && wanted.has(id) ? [{ ...volume, id }] : [];
  });
  return ownsVolumes(context) ? await counted(context, volumes) : await reckoned(context, volumes);
}

async function reckoned(
  { docker }: EngineContext,
  volumes: readonly JobVolume[],
): Promise<ReadonlyMap<string, ScratchUse>> {
  const sizes = volumes.length === 0 ? new Map<string, number>() : await volumeSizes(docker);
  const use = new Map<string, ScratchUse>();
  for (const { id, name } of volumes) {
    const bytes = (use.get(id)?.bytes ?? 0) + (sizes.get(name) ?? 0);
    if (sizes.has(name)) use.set(id, { bytes, files: 0, measured: "whole" });
  }
  return use;
}

async function counted(
  context: EngineContext,
  volumes: readonly JobVolume[],
): Promise<ReadonlyMap<string, ScratchUse>> {
  const use = new Map<string, ScratchUse>();
  for (const [id, own] of Map.groupBy(volumes, (volume) => volume.id)) {
    const found = await countJob(context, id, own);
    use.set(id, { bytes: found.bytes, files: found.files, measured: found.outcome });
  }
  return use;
}

const walkLimitMs = 60_000;
/** A job that moves folders once in a while breaks one walk, not all of these. */
const walks = 4;

async function countJob(context: EngineContext, id: string, volumes: readonly JobVolume[]): Promise<Counted> {
  const { scratch, scratchFiles } = context.site.limits;
  const bounds = { bytes: scratch, files: scratchFiles, timeLimitMs: walkLimitMs };
  const folders = volumes.map((volume) => volume.mountpoint);
  let named = await countFolders(folders, bounds);
  for (let more = 1; more < walks && named.outcome === "broken" && fits(named, bounds); more += 1) {
    const again = await countFolders(folders, bounds);
    named = { ...larger(named, again), outcome: again.outcome };
  }
  if (!fits(named, bounds)) return { ...named, outcome: "whole" };
  const removed = await countRemoved(context, { id, folder: folders[0] ?? "/" }, bounds);
  return { ...named, bytes: named.bytes + removed.bytes, files: named.files + removed.files };
}

function fits(found: Counted, bounds: { readonly bytes: number; readonly files: number }): boolean {
  return found.bytes <= bounds.bytes && found.files <= bounds.files;
}

function larger(a: Counted, b: Counted): { readonly bytes: number; readonly files: number } {
  return { bytes: Math.max(a.bytes, b.bytes), files: Math.max(a.files, b.files) };
}
