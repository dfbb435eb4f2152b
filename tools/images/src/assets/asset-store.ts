import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Asset, Layer } from "../family/layer.ts";
import { writingTo } from "../workspace/file-fault.ts";
import { replaceFile } from "../workspace/replace-file.ts";

/** All third-party files that a layer takes: into the image, and into the stages that build for it. */
export function assetsOf(layer: Layer): readonly Asset[] {
  return [...layer.assets, ...layer.stages.flatMap((stage) => stage.assets ?? [])];
}

/** An asset's name for plans, labels and messages. */
export function nameOf(asset: Asset): string {
  return `${asset.name}-${asset.version}`;
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

/** What a pin compares. */
export function sha256Of(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function assetFolder(cache: string): string {
  return join(cache, "assets");
}
