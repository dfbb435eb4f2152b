import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import { assetFile, assetsOf, hasAsset, nameOf } from "../assets/asset-store.ts";
import type { ImageVariant } from "../family/image.ts";
import type { Asset, BuildStage, Layer, LayerFile } from "../family/layer.ts";
import { lockPaths } from "../locks/lock-paths.ts";
import { missingLock } from "../locks/missing-lock.ts";
import { readingFrom } from "../workspace/file-fault.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type Content, heldContent, plannedContent } from "./content.ts";
import { fileContent, isScript, pinnedContent } from "./file-content.ts";
import type { SiteFacts } from "./site-facts.ts";

/** A file read from the repository (or rendered from site.yaml), and where it goes. */
export interface InputFile {
  /** Path below the folder that it belongs to. */
  readonly path: string;
  readonly mode: number;
  readonly content: Content;
  /** Where it comes from, as a person knows it: a path in the repository. */
  readonly origin: string;
}

/** Where a layer's files are read from. */
export type InputPlaces = Pick<Workspace, "root" | "cache">;

/** All files of the repository that a layer's recipe is made from. */
export interface LayerInputs {
  /** Files of the image, by their path below `/`. */
  readonly files: readonly InputFile[];
  readonly requirements: InputFile | undefined;
  /** The lock of requirements that nobody could make yet, for want of the index that its packages come from. */
  readonly missingLock: string | undefined;
  readonly tools: InputFile | undefined;
  readonly setup: InputFile | undefined;
  readonly stages: readonly {
    readonly name: string;
    readonly script: InputFile;
    readonly sources: readonly InputFile[];
    /** Names its assets that could not be had; undefined: it has them all. */
    readonly lacking: InputFile | undefined;
  }[];
  /** Sourced by every step of the recipe. */
  readonly buildStep: InputFile;
  readonly readme: string;
  /** Names of assets that could not be had. */
  readonly missingAssets: readonly string[];
}

/** Reads what the recipe of an image is made from. Throws `LAYER_FILE_MISSING` or `CANNOT_READ`, with the file. */
export function readLayerInputs(places: InputPlaces, image: ImageVariant, facts: SiteFacts): LayerInputs {
  const { layer } = image;
  const { root, cache } = places;
  const read = (from: string, path: string, mode?: number): InputFile =>
    readInput(places, from, { path, mode });
  const optional = (from: string | undefined, path: string): InputFile | undefined =>
    from === undefined ? undefined : read(from, path);
  const locks = lockPaths(image, facts);
  const missing = missingLock(image, facts, (path) => existsSync(join(root, path)));
  return {
    files: [
      ...layer.files.flatMap((file) => readTree(places, file)),
      ...renderedFiles(layer, facts.site),
      ...presentAssets(cache, layer.assets),
    ].toSorted(byPath),
    requirements: missing === undefined ? optional(locks.requirements, "requirements.lock.txt") : undefined,
    missingLock: missing,
    tools: optional(locks.tools, "tools.lock.txt"),
    setup: layer.setup === undefined ? undefined : read(layer.setup, "setup", 0o755),
    stages: layer.stages.map((stage) => readStage(places, stage)),
    buildStep: readBuildStep(),
    readme: readOptionalText(join(root, "images", layer.name, "README.md")),
    missingAssets: missingOf(cache, assetsOf(layer)),
  };
}

/** Whether an image brings the uv that it is installed with: the lowest one does, from the lock of its tools. */
export function bringsUv(image: ImageVariant, inputs: Pick<LayerInputs, "tools">): boolean {
  return image.parent === undefined && inputs.tools !== undefined;
}

/** It belongs to this tool, not to the project whose images are built. */
function readBuildStep(): InputFile {
  const content = heldContent(readFileSync(join(import.meta.dirname, "build-step.sh")));
  return { path: "build-step", mode: 0o644, content, origin: "tools/images/src/recipe/build-step.sh" };
}

function readStage(places: InputPlaces, stage: BuildStage) {
  const { cache } = places;
  const assets = stage.assets ?? [];
  return {
    name: stage.name,
    script: readInput(places, stage.script, { path: "build", mode: 0o755 }),
    sources: [
      ...(stage.sources ?? []).flatMap((file) => readTree(places, file)),
      ...presentAssets(cache, assets),
    ].toSorted(byPath),
    lacking: describeLack(missingOf(cache, assets)),
  };
}

/** Tells the build step, which is the same with and without the assets. */
function describeLack(missing: readonly string[]): InputFile | undefined {
  if (missing.length === 0) return undefined;
  const content = heldContent(Buffer.from(`${missing.join("\n")}\n`));
  return { path: "missing-assets", mode: 0o644, content, origin: `asset ${missing.join(", ")}` };
}

function missingOf(cache: string, assets: readonly Asset[]): readonly string[] {
  return assets.filter((asset) => !hasAsset(cache, asset)).map(nameOf);
}

function renderedFiles(layer: Layer, site: Site): readonly InputFile[] {
  return (layer.rendered?.(site) ?? []).map((file) => ({
    path: relativeTo(file.path),
    mode: file.mode,
    content:
      file.toBeMadeOf === undefined
        ? heldContent(Buffer.from(file.content))
        : plannedContent(file.path, file.toBeMadeOf),
    origin: file.origin ?? "site.yaml",
  }));
}

/** They are planned by their pinned hash: only whether they are there is looked at. */
function presentAssets(cache: string, assets: readonly Asset[]): readonly InputFile[] {
  return assets
    .filter((asset) => hasAsset(cache, asset))
    .map((asset) => {
      const origin = `asset ${nameOf(asset)}`;
      const content = pinnedContent({ file: assetFile(cache, asset), origin, cache }, asset.sha256);
      return { path: relativeTo(asset.to), mode: asset.mode ?? 0o644, content, origin };
    });
}

function readTree(places: InputPlaces, file: LayerFile): readonly InputFile[] {
  const source = join(places.root, file.from);
  const info = statOf(source, file.from);
  const to = relativeTo(file.to);
  if (!info.isDirectory()) return [readInput(places, file.from, { path: to, mode: file.mode })];
  return readingFrom(file.from, () => readdirSync(source))
    .filter((name) => name !== "__pycache__" && name !== ".pytest_cache")
    .toSorted()
    .flatMap((name) =>
      readTree(places, { ...file, from: posix.join(file.from, name), to: posix.join(to, name) }),
    );
}

function readInput(
  { root, cache }: InputPlaces,
  from: string,
  target: { readonly path: string; readonly mode?: number | undefined },
): InputFile {
  const source = { file: join(root, from), origin: from, cache };
  statOf(source.file, from);
  const mode = target.mode ?? (isScript(source) ? 0o755 : 0o644);
  return { path: target.path, mode, content: fileContent(source), origin: from };
}

function statOf(source: string, from: string) {
  const info = readingFrom(from, () => statSync(source, { throwIfNoEntry: false }));
  if (info !== undefined) return info;
  throw new UserError("LAYER_FILE_MISSING", `a layer names ${from}, which does not exist`, {
    hint: from.includes("/locks/")
      ? "`npm run images -- lock` makes the locks"
      : "correct the layer's layer.ts; its paths are relative to the project's folder",
  });
}

function readOptionalText(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? "" : readFileSync(path, "utf8");
}

function relativeTo(path: string): string {
  return posix.relative("/", posix.join("/", path));
}

function byPath(a: InputFile, b: InputFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
