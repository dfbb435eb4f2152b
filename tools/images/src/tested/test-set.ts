import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { passedTestsTag, type Site } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { variants } from "../family/variants.ts";
import { gpuPromised } from "./gpu-promised.ts";
import { countsFor } from "./variant-folder.ts";

/** All that decides how the tests of an image end. */
export interface TestSet {
  /** Hash of each file, by its path in the repository, and what else decides. */
  readonly files: Readonly<Record<string, string>>;
  /** The tag of an image that passed exactly these: `tests-<12 digits>`. */
  readonly tag: string;
}

/**
 * Tells the tests of an image from the files of the project and its site; each folder is read once. Where a GPU was
 * promised, what passed without one has not passed.
 */
export function testSets(
  { root, site }: { readonly root: string; readonly site: Partial<Site> },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): (image: Pick<ImageVariant, "layers" | "variant">) => TestSet {
  const known = new Map<string, Readonly<Record<string, string>>>();
  const read = (pattern: string): Readonly<Record<string, string>> => {
    const files = known.get(pattern) ?? hashFiles(root, pattern);
    known.set(pattern, files);
    return files;
  };
  return ({ layers, variant }) => {
    const patterns = [
      ...layers.map((layer) => `images/${layer.name}/**/*`),
      ...layers.flatMap((layer) => layer.testedThrough ?? []),
      ...harness,
    ];
    const files: TestSet["files"] = Object.assign({ [siteFacts]: hashSite(site) }, ...patterns.map(read));
    const mine = Object.fromEntries(Object.entries(files).filter(([path]) => countsFor(path, variant)));
    const promised = variants[variant].needsGpu && gpuPromised(environment);
    return testSetOf(promised ? { ...mine, [promise]: "1" } : mine);
  };
}

/** The same files give the same tag. */
export function testSetOf(files: TestSet["files"]): TestSet {
  const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const hash = createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
  return { files, tag: `${passedTestsTag}${hash.slice(0, 12)}` };
}

/** Which files are not what they were, in words; empty: none. */
export function changedTests(before: TestSet["files"], now: TestSet["files"]): readonly string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  return names
    .filter((name) => before[name] !== now[name])
    .map((name) => {
      if (before[name] === undefined) return `${name} is new`;
      return now[name] === undefined ? `${name} is gone` : `${name} changed since the tests passed`;
    });
}

/** Stands among the files, as what decides how tests end. */
const promise = "the promise of a GPU (REQUIRE_GPU)";

/** Where images are published, and what only a cluster reads, is no fact of a container. */
const siteFacts = "site.yaml, but for registry and kubernetes,";

/**
 * What all tests of images see through: the containers that they look at, and their instruments. How they are run, and what
 * is said of it, lies elsewhere. `images/tested-through.test.ts` compares it with what they import.
 */
const harness = [
  "tools/images/src/{image-tests,rfb,web}/**/*.{ts,py,js,css,html,txt}",
  "tools/images/src/tested/gpu-promised.ts",
  "tools/images/src/workspace/find-program.ts",
  "tools/images/src/locks/{lock-text,tool-environment}.ts",
  "tools/{cli,site,docker}/src/**/*.ts",
];

/** Locks and the README are part of the image, which is another one when they change; the harness' own tests say nothing of it. */
function hashFiles(root: string, pattern: string): TestSet["files"] {
  const exclude = ["**/__pycache__/**", "images/*/locks/**", "images/*/README.md"];
  const own = pattern.startsWith("images/") ? [] : ["**/*.test.ts"];
  const found = globSync(pattern, { cwd: root, exclude: [...exclude, ...own], withFileTypes: true });
  const paths = found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, "/").length));
  return Object.fromEntries(paths.map((path) => [path, hashFile(join(root, path))]));
}

function hashSite({ registry: _, kubernetes: __, ...facts }: Partial<Site>): string {
  return shortHash(JSON.stringify(facts));
}

function hashFile(path: string): string {
  return shortHash(readFileSync(path));
}

function shortHash(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}
