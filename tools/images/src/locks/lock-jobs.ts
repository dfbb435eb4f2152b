import { distributions } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { pythonVersions } from "../family/python-version.ts";
import type { Variant } from "../family/variants.ts";
import { lockPaths } from "./lock-paths.ts";

/** One lock to be made. */
export interface LockJob {
  /** The lock, as a path from the project's folder. */
  readonly lock: string;
  readonly python: string;
  /** Files of requirements that are resolved into it. */
  readonly requirements: readonly string[];
  /** Requirements of the layers above it, which must agree with it. */
  readonly inView: readonly string[];
  /** Locks below it: their packages are there already. */
  readonly below: readonly string[];
}

/** The locks of a family in the order in which they can be made: those below first. Pure. */
export function lockJobs(
  family: readonly ImageVariant[],
  exists: (path: string) => boolean,
): readonly LockJob[] {
  const jobs = new Map<string, LockJob>();
  for (const distribution of distributions) {
    for (const image of family) {
      const python = pythonVersions[distribution];
      const { requirements, tools } = lockPaths(image, { distribution });
      if (requirements !== undefined && !jobs.has(requirements)) {
        jobs.set(requirements, {
          lock: requirements,
          python,
          requirements: requirementFiles(image.layer.name, image.variant, exists),
          inView: above(image, family).flatMap((child) =>
            requirementFiles(child.layer.name, child.variant, exists),
          ),
          below: ancestors(image).flatMap((each) => lockPaths(each, { distribution }).requirements ?? []),
        });
      }
      if (tools !== undefined && !jobs.has(tools)) {
        const file = `images/${image.layer.name}/tools.in`;
        jobs.set(tools, { lock: tools, python, requirements: [file], inView: [], below: [] });
      }
    }
  }
  return [...jobs.values()];
}

/** A layer's `requirements.in`, and what only one variant needs in `requirements-<variant>.in`. */
function requirementFiles(
  layer: string,
  variant: Variant,
  exists: (path: string) => boolean,
): readonly string[] {
  return [`images/${layer}/requirements.in`, `images/${layer}/requirements-${variant}.in`].filter(exists);
}

function above(image: ImageVariant, family: readonly ImageVariant[]): readonly ImageVariant[] {
  return family.filter((each) => each.layer.python && ancestors(each).includes(image));
}

function ancestors(image: ImageVariant): readonly ImageVariant[] {
  return image.parent === undefined ? [] : [...ancestors(image.parent), image.parent];
}
