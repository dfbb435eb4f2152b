import { type Distribution, distributions } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { lineage } from "../family/lineage.ts";
import { needsOwnIndex, ownIndex } from "../family/own-index.ts";
import { pythonVersions } from "../family/python-version.ts";
import { lockPaths } from "./lock-paths.ts";

/** One lock to be made. */
export interface LockJob {
  /** The lock, as a path from the project's folder. */
  readonly lock: string;
  readonly python: string;
  /** Files of requirements that are resolved into it. */
  readonly requirements: readonly string[];
  /** Requirements of the images that stand on it, which must agree with it. */
  readonly inView: readonly string[];
  /** Locks below it: their packages are there already. */
  readonly below: readonly string[];
  /** Where some of it comes from besides the usual index. */
  readonly index?: string;
  /** It can be made only where such an index answers, its own or that of a lock below; till then it may be missing. */
  readonly mayWait?: boolean;
}

type Exists = (path: string) => boolean;

/** The locks of a family in the order in which they can be made: those below first. Pure. */
export function lockJobs(family: readonly ImageVariant[], exists: Exists): readonly LockJob[] {
  const jobs = distributions.flatMap((distribution) =>
    family.flatMap((image) => jobsOf(image, { family, distribution, exists })),
  );
  return [...new Map(jobs.toReversed().map((job) => [job.lock, job])).values()].toReversed();
}

function jobsOf(
  image: ImageVariant,
  given: {
    readonly family: readonly ImageVariant[];
    readonly distribution: Distribution;
    readonly exists: Exists;
  },
): readonly LockJob[] {
  const { family, distribution, exists } = given;
  const python = pythonVersions[distribution];
  const { requirements, tools } = lockPaths(image, { distribution });
  const own = requirements === undefined ? [] : [requirements];
  const index = ownIndex(image);
  const toolFiles = [`images/${image.layer.name}/tools.in`];
  return [
    ...own.map((lock) => ({
      lock,
      python,
      requirements: requirementFiles(image, exists),
      inView: [...new Set(above(image, family).flatMap((child) => seenFromBelow(child, exists)))],
      below: ancestors(image).flatMap((each) => lockPaths(each, { distribution }).requirements ?? []),
      ...(index === undefined ? {} : { index }),
      ...(needsOwnIndex(image) ? { mayWait: true } : {}),
    })),
    ...(tools === undefined ? [] : [{ lock: tools, python, requirements: toolFiles, inView: [], below: [] }]),
  ];
}

/**
 * What an image adds: its layer's `requirements.in`, and `requirements-<variant>.in` for what only its variant has. A
 * variant of the lowest layer stands on the plain one, which has the former.
 */
function requirementFiles(image: ImageVariant, exists: Exists): readonly string[] {
  const folder = `images/${image.layer.name}`;
  const common = image.parent?.name === image.name ? [] : [`${folder}/requirements.in`];
  return [...common, `${folder}/requirements-${image.variant}.in`].filter(exists);
}

/** What comes from an index of its own cannot be resolved with the packages of the usual one. */
function seenFromBelow(image: ImageVariant, exists: Exists): readonly string[] {
  const files = requirementFiles(image, exists);
  if (ownIndex(image) === undefined) return files;
  return files.filter((file) => !file.endsWith(`/requirements-${image.variant}.in`));
}

function above(image: ImageVariant, family: readonly ImageVariant[]): readonly ImageVariant[] {
  return family.filter((each) => each.layer.python && ancestors(each).includes(image));
}

function ancestors(image: ImageVariant): readonly ImageVariant[] {
  return lineage(image).slice(0, -1);
}
