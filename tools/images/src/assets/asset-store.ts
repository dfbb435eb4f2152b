import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { imageLabels } from "@workstation/site";
import type { Asset, Layer } from "../family/layer.ts";
import { writingTo } from "../workspace/file-fault.ts";
import { freshPath, removeLeftovers } from "../workspace/leftovers.ts";
import { replaceFile } from "../workspace/replace-file.ts";

/** All third-party files that a layer takes: into the image, and into the stages that build for it. */
export function assetsOf(layer: Layer): readonly Asset[] {
  return [...layer.assets, ...layer.stages.flatMap((stage) => stage.assets ?? [])];
}

/** An asset's name for plans, labels and messages. */
export function nameOf(asset: Asset): string {
  return `${asset.name}-${asset.version}`;
}

/** Names of those that were missing when an image was built, by its labels and whatever this machine has by now. */
export function missingAssetsOf(labels: Readonly<Record<string, string>>): readonly string[] {
  return (labels[imageLabels.missingAssets] ?? "").split(" ").filter((name) => name !== "");
}

/** What an image lacks, as its own label says it: what its parent lacks, by that one's labels, and what its own layer does. */
export function missingAlsoBelow(
  parent: Readonly<Record<string, string>>,
  own: readonly string[],
): readonly string[] {
  return [...new Set([...missingAssetsOf(parent), ...own])];
}

/** Where an asset lies once this account has it: named by its content, so that all clones can share it. */
export function assetFile(cache: string, asset: Asset): string {
  return join(assetFolder(cache), asset.sha256);
}

/** Whether this account has an asset; its content was compared with the pinned hash when it came. */
export function hasAsset(cache: string, asset: Asset): boolean {
  return existsSync(assetFile(cache, asset));
}

/** Keeps a content under its hash, whole or not at all. Throws `CANNOT_WRITE`. */
export function keepAsset(cache: string, content: Buffer): void {
  const file = join(assetFolder(cache), sha256Of(content));
  writingTo(file, () => replaceFile(file, content));
}

/** The same for a content that lies in a file of `freshAssetFolder`: the file itself moves there. */
export function keepAssetFile(cache: string, fresh: string, hash: string): void {
  const file = join(assetFolder(cache), hash);
  writingTo(file, () => renameSync(fresh, file));
}

/** A new folder, where what is fetched can be kept from. Those that an ended process has left are removed. */
export function freshAssetFolder(cache: string): string {
  const folder = assetFolder(cache);
  removeLeftovers(folder);
  return writingTo(folder, () => {
    const fresh = freshPath(folder);
    mkdirSync(fresh);
    return fresh;
  });
}

/** What a pin compares. */
export function sha256Of(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The same of a file, whatever its size. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

function assetFolder(cache: string): string {
  return join(cache, "assets");
}
