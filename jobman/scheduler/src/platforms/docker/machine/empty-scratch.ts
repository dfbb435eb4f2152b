import { UserError } from "@workstation/cli";
import { daemonSocket, listVolumes } from "@workstation/docker";
import { instanceLabel, jobIdOf } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { runQuietly } from "./quiet-process.ts";

/**
 * Removes what an ended job left in its scratch volumes, which the engine removes then. The engine holds an open file for
 * each level of a tree, so that a deep one would take all that it may open, for everybody. For root beside the engine;
 * else nothing is done. Throws `SCRATCH_NOT_REMOVED`.
 */
export async function emptyScratch(context: ScratchContext, id: string): Promise<void> {
  if (!ownsVolumes(context)) return;
  const volumes = await listVolumes(context.docker, instanceLabel(context.instance));
  const own = volumes.filter((volume) => jobIdOf(volume.labels, context.instance) === id);
  for (const { mountpoint } of own) await emptyVolume(context, mountpoint);
}

export type ScratchContext = Pick<EngineContext, "docker" | "instance">;

/** The same for one volume, by the place that the engine tells. */
export async function emptyVolume(context: ScratchContext, mountpoint: string): Promise<void> {
  if (!ownsVolumes(context) || !volumePlace.test(mountpoint)) return;
  // find(1) holds few open files however deep it is, follows no link, and leaves the folder itself to the engine.
  const argv = ["find", "-P", mountpoint, "-xdev", "-mindepth", "1", "-delete"];
  const { ended, words } = await runQuietly(argv, { timeLimitMs: removalLimitMs });
  if (ended || /No such file or directory$/.test(words)) return;
  throw new UserError("SCRATCH_NOT_REMOVED", `what a job left in ${mountpoint} cannot be removed: ${words}`, {
    hint: "see what is in the way there and remove it by hand, as root",
  });
}

const removalLimitMs = 10 * 60_000;
/** Nothing else is ever emptied. */
const volumePlace = /^\/.+\/volumes\/[\w.-]+\/_data$/;

/** What the engine says of a folder is true of ours, and ours to change. */
export function ownsVolumes({ docker }: Pick<ScratchContext, "docker">): boolean {
  return process.getuid?.() === 0 && daemonSocket(docker) !== undefined;
}
