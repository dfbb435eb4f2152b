import { existsSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { cacheFolder } from "@workstation/site";
import { expect, test } from "vitest";
import { expandFamily, type ImageVariant } from "../tools/images/src/family/image.ts";
import { plain } from "../tools/images/src/family/variants.ts";
import { findPython310 } from "../tools/images/src/locks/find-python.ts";
import { lockPaths } from "../tools/images/src/locks/lock-paths.ts";
import { checkPackages, installLocks, runProgram } from "../tools/images/src/locks/locked-environment.ts";
import { provideUv } from "../tools/images/src/locks/uv.ts";
import { family } from "./family.ts";
import { libraryWork } from "./python/library-work.ts";
import { tensorflowWork } from "./tensorflow/tensorflow-work.ts";

// Where no registry answers, images are built on another distribution than the default: its locks are used here without an image.
const facts = { distribution: "ubuntu-22.04" } as const;
const work: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  python: libraryWork,
  tensorflow: tensorflowWork,
};

const root = join(import.meta.dirname, "..");
const cache = cacheFolder(process.env);

/** What an image is made from, those below first; a lock that waits for an index of its own is not there. */
function locksOf(image: ImageVariant | undefined): readonly string[] {
  if (image === undefined) return [];
  const own = lockPaths(image, facts).requirements;
  return [...locksOf(image.parent), ...(own === undefined ? [] : [join(root, own)])];
}

const images = expandFamily(family)
  .filter((image) => image.variant === plain && image.layer.python)
  .filter((image) => locksOf(image).every(existsSync));

let found: Promise<{ readonly uv: string; readonly python: string } | UserError> | undefined;

/** A Python that cannot be had is a reason to skip, not to fail. */
async function findPrograms(): Promise<{ readonly uv: string; readonly python: string } | UserError> {
  try {
    const uv = await provideUv(root);
    return { uv, python: await findPython310({ uv, cache, environment: process.env }) };
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

async function environmentOf(image: ImageVariant, skip: (reason: string) => never) {
  found ??= findPrograms();
  const programs = await found;
  return programs instanceof UserError
    ? skip(programs.message)
    : installLocks(locksOf(image), { ...programs, cache });
}

for (const image of images) {
  test(`the locks of ${image.name} install by their hashes under Python 3.10, and no package misses another`, async ({
    skip,
  }) => {
    const environment = await environmentOf(image, skip);
    const isWanted = "import sys; assert sys.version_info[:2] == (3, 10), sys.version";
    for (const ended of [await runProgram(environment, isWanted, {}), await checkPackages(environment)]) {
      expect(ended.exitCode, ended.stderr).toBe(0);
    }
  });

  for (const [name, program] of Object.entries(work[image.layer.name] ?? {})) {
    test(`with the locks of ${image.name}: ${name}`, async ({ skip }) => {
      const environment = await environmentOf(image, skip);
      const settings = Object.assign({}, ...image.layers.map((layer) => layer.environment));
      const { exitCode, stderr } = await runProgram(environment, program, settings);
      expect(exitCode, stderr).toBe(0);
    });
  }
}
