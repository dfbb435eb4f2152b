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

type Programs = Readonly<Record<string, string>>;

/** A kernel answers as JupyterLab's would: what both are made of, without a browser. */
const jupyterWork: Programs = {
  "a notebook's cell runs in a kernel": `
import nbformat, sys
from nbclient import NotebookClient
cell = nbformat.v4.new_code_cell("import numpy, sys; print(numpy.arange(4).sum(), sys.version_info[:2])")
NotebookClient(nbformat.v4.new_notebook(cells=[cell]), timeout=120).execute()
said = cell.outputs[0]["text"]
assert said == f"6 {sys.version_info[:2]}\\n", said
`,
  "both servers load": "import jupyterlab.labapp, notebook.app",
};

/** What layers do in their images' tests. */
const work: Readonly<Record<string, Programs>> = {
  python: libraryWork,
  tensorflow: tensorflowWork,
  jupyter: jupyterWork,
};

const root = join(import.meta.dirname, "..");
const cache = cacheFolder(process.env);

/** What an image is made from, those below first; a lock that waits for an index of its own is not there. */
function locksOf(image: ImageVariant | undefined): readonly string[] {
  if (image === undefined) return [];
  const own = lockPaths(image, facts).requirements;
  return [...locksOf(image.parent), ...(own === undefined ? [] : [join(root, own)])];
}

/** Locks that are installed together, and what is done with them. */
interface LockedSet {
  readonly name: string;
  readonly locks: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly programs: Programs;
}

/** uDocker refuses root, as whom these tests may run. */
const beforeVersion: Readonly<Record<string, readonly string[]>> = { udocker: ["--allow-root"] };

const images = expandFamily(family).filter(({ variant }) => variant === plain);
const sets: readonly LockedSet[] = [
  ...images
    .filter((image) => image.layer.python && locksOf(image).every(existsSync))
    .map((image) => ({
      name: image.name,
      locks: locksOf(image),
      settings: Object.assign({}, ...image.layers.map((layer) => layer.environment)),
      programs: work[image.layer.name] ?? {},
    })),
  ...images.flatMap(toolsOf),
];

function toolsOf(image: ImageVariant): readonly LockedSet[] {
  const { tools } = lockPaths(image, facts);
  if (tools === undefined) return [];
  const programs = (image.layer.tools?.commands ?? []).map((command) => [
    `${command} starts`,
    `import subprocess, sys
subprocess.run([sys.prefix + "/bin/${command}", *${JSON.stringify(beforeVersion[command] ?? [])}, "--version"], check=True)`,
  ]);
  return [
    {
      name: `${image.name}'s tools`,
      locks: [join(root, tools)],
      settings: {},
      programs: Object.fromEntries(programs),
    },
  ];
}

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

async function environmentOf({ locks }: LockedSet, skip: (reason: string) => never) {
  found ??= findPrograms();
  const programs = await found;
  return programs instanceof UserError ? skip(programs.message) : installLocks(locks, { ...programs, cache });
}

for (const set of sets) {
  test(`the locks of ${set.name} install by their hashes under Python 3.10, and no package misses another`, async ({
    skip,
  }) => {
    const environment = await environmentOf(set, skip);
    const isWanted = "import sys; assert sys.version_info[:2] == (3, 10), sys.version";
    for (const ended of [await runProgram(environment, isWanted, {}), await checkPackages(environment)]) {
      expect(ended.exitCode, ended.stderr).toBe(0);
    }
  });

  for (const [name, program] of Object.entries(set.programs)) {
    test(`with the locks of ${set.name}: ${name}`, async ({ skip }) => {
      const environment = await environmentOf(set, skip);
      const { exitCode, stderr } = await runProgram(environment, program, set.settings);
      expect(exitCode, stderr).toBe(0);
    });
  }
}
