import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ImageVariant } from "../family/image.ts";
import { lineage } from "../family/lineage.ts";
import { referencesOf } from "../family/references.ts";
import type { Kind } from "../family/variants.ts";
import { lockJobs } from "../locks/lock-jobs.ts";
import { lockPaths } from "../locks/lock-paths.ts";
import { parseLock } from "../locks/lock-text.ts";
import { missingLock } from "../locks/missing-lock.ts";
import type { SiteFacts } from "../recipe/site-facts.ts";

/** What the documents say of an image. */
export interface ImageFacts {
  /** As a person names it: `ubuntu-python:latest`. */
  readonly reference: string;
  readonly kind: Kind;
  readonly tags: readonly string[];
  readonly description: string;
  readonly parent: string | undefined;
  /** The Python packages that its own layer asks for, as locked. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** Whether it, or what it stands on, waits for a lock that nobody could make yet: no such image is to be had. */
  readonly lacksLock: boolean;
  /** Bytes, as a registry holds it; undefined: nobody has measured it. */
  readonly gzip: number | undefined;
}

/** Gathers what the documents say of each image, from the table, the locks and the committed sizes. */
export function imageFacts(
  family: readonly ImageVariant[],
  facts: SiteFacts,
  from: { readonly root: string; readonly gzipOf: (image: ImageVariant) => number | undefined },
): readonly ImageFacts[] {
  const exists = (path: string): boolean => existsSync(join(from.root, path));
  return family.map((image) => {
    const { moving } = referencesOf(image, facts.site.registry.prefix, facts.version);
    return {
      reference: moving[0] ?? image.name,
      kind: image.kind,
      tags: moving.map((each) => each.slice(each.lastIndexOf(":") + 1)),
      description: image.layer.description,
      parent: image.parent?.name,
      packages: packagesOf(image, { family, facts, root: from.root }),
      lacksLock: lineage(image).some((each) => missingLock(each, facts, exists) !== undefined),
      gzip: from.gzipOf(image),
    };
  });
}

function packagesOf(
  image: ImageVariant,
  from: { readonly family: readonly ImageVariant[]; readonly facts: SiteFacts; readonly root: string },
): ImageFacts["packages"] {
  const exists = (path: string): boolean => existsSync(join(from.root, path));
  const read = (path: string): string => readFileSync(join(from.root, path), "utf8");
  const { requirements: lock } = lockPaths(image, from.facts);
  const job = lockJobs(from.family, exists).find((each) => each.lock === lock);
  if (job === undefined || !exists(job.lock)) return [];
  const locked = new Map(parseLock(read(job.lock)).map((each) => [plainName(each.name), each.version]));
  return job.requirements
    .flatMap((path) => read(path).split("\n"))
    .flatMap((line) => /^[A-Za-z0-9._-]+/.exec(line.trim())?.[0] ?? [])
    .flatMap((name) => {
      const version = locked.get(plainName(name));
      return version === undefined ? [] : [{ name, version }];
    });
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, "-");
}
