import { formatBytes, type Reporter } from "@workstation/cli";
import type { EngineDisk } from "@workstation/docker";
import { imageId } from "../family/image.ts";
import { variants } from "../family/variants.ts";
import type { PlannedImage } from "../plan/plan.ts";

/** What an image adds to its parent, by its id and as a registry holds it; undefined: nobody has measured it. */
export type KnownSizes = (id: string) => number | undefined;

/** On disk an image is about so many times what a registry holds; the caches of its build come on top. */
const onDisk = 3.2;
const withCache = 1.4;
const unknown = { small: 1.5e9, gpu: 12e9 };

/** Bytes that the builds of a plan will take on the engine's disk, roughly and rather too many. */
export function diskNeed(plan: readonly PlannedImage[], sizes: KnownSizes): number {
  return plan
    .filter(({ state }) => state === "to build")
    .map(({ image }) => {
      const gzip = sizes(imageId(image));
      if (gzip !== undefined) return gzip * onDisk * withCache;
      return variants[image.variant].needsGpu ? unknown.gpu : unknown.small;
    })
    .reduce((sum, each) => sum + each, 0);
}

/**
 * Says beforehand what the builds will take, as a warning where that may not be there. It is no refusal: the figures are
 * estimates, and what is built is kept when a build ends for want of room.
 */
export function tellDiskNeed(need: number, disk: EngineDisk | undefined, reporter: Reporter): void {
  if (need === 0 || disk === undefined) return;
  const { folder, freeBytes } = disk;
  const said = `the builds take about ${formatBytes(need)}, and ${folder} has ${formatBytes(freeBytes)} free`;
  if (freeBytes >= need) reporter.info(said);
  else reporter.warn(`${said}; \`docker system prune\` makes room, or name fewer images`);
}
