import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import type { Asset } from "../family/layer.ts";
import { freshAssetFolder, hasAsset, keepAssetFile, nameOf, sha256OfFile } from "./asset-store.ts";
import { fetchFromArchive } from "./distribution-archive.ts";
import { type Download, fetchPage, type Patience } from "./fetch-page.ts";

const usualPatience: Patience = { answerMs: 10_000, stallMs: 30_000 };

/**
 * Fetches those third-party files that this account does not have yet: from their page, else from the distribution's
 * archive. One that cannot be had, or is not the one that was pinned, is said and left out: the plan, a label and a
 * skipped test tell of it.
 */
export async function fetchAssets(assets: readonly Asset[], settings: FetchSettings): Promise<void> {
  for (const asset of assets) {
    if (hasAsset(settings.cache, asset)) continue;
    const problems: string[] = [];
    const kept = await keepFirstThatIsPinned(asset, settings, problems);
    settings.signal.throwIfAborted();
    if (!kept)
      settings.reporter.warn(
        `${nameOf(asset)} cannot be had: ${problems.join("; ")}; ` +
          "where you have the file: npm run images -- assets --add FILE",
      );
  }
}

interface FetchSettings {
  readonly cache: string;
  readonly reporter: Reporter;
  readonly signal: AbortSignal;
  readonly patience?: Patience;
  readonly mostBytes?: number;
}

/** No third-party file is so large; a page that goes on and on ends here. */
const usualMost = 2_000_000_000;

/** Where a file may be had, in the order in which it is asked for. False: it is not one of those that have it. */
const sources: readonly ((asset: Asset, download: Download) => Promise<boolean>)[] = [
  (asset, download) => fetchPage(asset.url, download).then(() => true),
  fetchFromArchive,
];

async function keepFirstThatIsPinned(
  asset: Asset,
  { cache, signal, patience = usualPatience, mostBytes = usualMost }: FetchSettings,
  problems: string[],
): Promise<boolean> {
  const folder = freshAssetFolder(cache);
  const file = join(folder, "asset");
  try {
    for (const source of sources) {
      const hash = await source(asset, { file, signal, patience, mostBytes }).then(
        (gives) => (gives ? sha256OfFile(file) : undefined),
        (error: Error) => void problems.push(error.message),
      );
      if (signal.aborted) return false;
      if (hash === asset.sha256) {
        keepAssetFile(cache, file, hash);
        return true;
      }
      if (hash !== undefined)
        problems.push(`what ${asset.url} gives has the hash ${hash}, but ${asset.sha256} is pinned`);
    }
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
