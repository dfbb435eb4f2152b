import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Distribution } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { suffixOf } from "../family/variants.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { writingTo } from "../workspace/file-fault.ts";

/** A generated file of the repository: path from the project's folder, and what it must hold. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** How a generated file differs from what it must be. */
export interface Drift {
  readonly path: string;
  readonly state: "missing" | "changed" | "left over";
}

/** The Dockerfiles that are committed, so that they can be read, linted and built by hand. */
export function generatedFiles(
  distribution: Distribution,
  images: readonly { readonly image: ImageVariant; readonly recipe: Recipe }[],
): readonly GeneratedFile[] {
  return images.map(({ image, recipe }) => ({
    path: `${generatedFolder(distribution)}/${fileName(image)}`,
    content: recipe.dockerfile,
  }));
}

/** What differs on disk, files of images that are no more included. */
export function findDrift(
  root: string,
  distribution: Distribution,
  files: readonly GeneratedFile[],
): readonly Drift[] {
  const folder = generatedFolder(distribution);
  const onDisk = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).toSorted() : [];
  const wanted = new Set(files.map((file) => file.path));
  return [
    ...driftOf(root, files),
    ...onDisk
      .map((name) => `${folder}/${name}`)
      .filter((path) => !wanted.has(path))
      .map((path): Drift => ({ path, state: "left over" })),
  ];
}

/** Which of these files are not on disk as they must be. */
export function driftOf(root: string, files: readonly GeneratedFile[]): readonly Drift[] {
  return files.flatMap((file) => compare(root, file));
}

/** Makes the disk as it must be. */
export function writeGenerated(root: string, drift: readonly Drift[], files: readonly GeneratedFile[]): void {
  for (const { path, state } of drift) {
    const content = files.find((file) => file.path === path)?.content;
    if (state === "left over" || content === undefined) {
      rmSync(join(root, path));
      continue;
    }
    writingTo(path, () => {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), content);
    });
  }
}

function compare(root: string, file: GeneratedFile): readonly Drift[] {
  const path = join(root, file.path);
  if (!existsSync(path)) return [{ path: file.path, state: "missing" }];
  return readFileSync(path, "utf8") === file.content ? [] : [{ path: file.path, state: "changed" }];
}

function generatedFolder(distribution: Distribution): string {
  return `images/generated/${distribution}`;
}

function fileName(image: ImageVariant): string {
  return `${image.name}${suffixOf(image.variant)}.Dockerfile`;
}
