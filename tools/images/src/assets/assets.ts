import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import type { Asset } from "../family/layer.ts";

const fetchLimitMs = 120_000;

/**
 * Fetches those third-party files that are not in the local folder yet. One that cannot be had, or is not the one
 * that was pinned, is said and left out: the plan, a label and a skipped test tell of it.
 */
export async function fetchAssets(
  assets: readonly Asset[],
  settings: { readonly local: string; readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<void> {
  for (const asset of assets) {
    const file = assetFile(settings.local, asset);
    if (existsSync(file)) continue;
    try {
      const content = await download(asset, settings.signal);
      mkdirSync(join(settings.local, "assets"), { recursive: true });
      writeFileSync(`${file}.${process.pid}`, content);
      renameSync(`${file}.${process.pid}`, file);
    } catch (error) {
      settings.signal.throwIfAborted();
      settings.reporter.warn(`${nameOf(asset)} cannot be had: ${(error as Error).message}`);
    }
  }
}

/** The content of an asset that was fetched before; undefined when it was not. */
export function readAsset(local: string, asset: Asset): Buffer | undefined {
  const file = assetFile(local, asset);
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** An asset's name for plans, labels and messages. */
export function nameOf(asset: Asset): string {
  return `${asset.name}-${asset.version}`;
}

function assetFile(local: string, asset: Asset): string {
  return join(local, "assets", asset.sha256);
}

async function download(asset: Asset, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(asset.url, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(fetchLimitMs)]),
  });
  if (!response.ok) throw new Error(`${asset.url} answers ${response.status}`);
  const content = Buffer.from(await response.arrayBuffer());
  const hash = createHash("sha256").update(content).digest("hex");
  if (hash !== asset.sha256)
    throw new Error(`${asset.url} has the hash ${hash}, but ${asset.sha256} is pinned`);
  return content;
}
