import type { ImageSummary } from "@workstation/docker";
import { contentTagStart, imageLabels, passedTestsTag } from "@workstation/site";
import { readBuildRecord } from "../plan/reasons.ts";

/** What must stay. */
export interface Kept {
  /** Put before every image name of this project. */
  readonly prefix: string;
  /** References of contents as the plan names them now. */
  readonly current: ReadonlySet<string>;
  /** Ids of images that a container has, running or not. */
  readonly inUse: ReadonlySet<string>;
  /** What was made later stays; milliseconds since the epoch. */
  readonly before: number;
}

/**
 * Those of the family's images that only their build named: no moving tag, no tag that a person gave, no container, and
 * no image that stays stands on them. Pure.
 */
export function supersededContents(images: readonly ImageSummary[], kept: Kept): readonly ImageSummary[] {
  const staying = new Set(images.filter((image) => stays(image, kept)));
  for (const image of staying) for (const parent of parentsOf(image, images)) staying.add(parent); // grows as it is read
  return images.filter((image) => !staying.has(image));
}

function stays(image: ImageSummary, { prefix, current, inUse, before }: Kept): boolean {
  const repository = `${prefix}${image.labels[imageLabels.name]}`;
  const byBuild = [contentTagStart, passedTestsTag].map((start) => `${repository}:${start}`);
  const named = image.tags.some((tag) => !byBuild.some((start) => tag.startsWith(start)));
  const needed = image.tags.some((tag) => current.has(tag)) || inUse.has(image.id);
  return image.tags.length === 0 || named || needed || image.createdAt >= before;
}

function parentsOf(image: ImageSummary, images: readonly ImageSummary[]): readonly ImageSummary[] {
  const identity = readBuildRecord(image.labels[imageLabels.inputs])?.parentIdentity;
  return images.filter(({ labels }) => identity !== undefined && labels[imageLabels.key] === identity);
}
