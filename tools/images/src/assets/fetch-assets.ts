import type { Reporter } from "@workstation/cli";
import type { Asset } from "../family/layer.ts";
import { hasAsset, keepAsset, nameOf, sha256Of } from "./asset-store.ts";
import { fetchFromArchive } from "./distribution-archive.ts";
import { fetchPage, type Patience } from "./fetch-page.ts";

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
    const content = await firstThatIsPinned(asset, settings, problems);
    settings.signal.throwIfAborted();
    if (content !== undefined) keepAsset(settings.cache, content);
    else
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
}

/** Where a file may be had, in the order in which it is asked for. */
const sources = [
  (asset: Asset, signal: AbortSignal, patience: Patience) => fetchPage(asset.url, signal, patience),
  fetchFromArchive,
];

async function firstThatIsPinned(
  asset: Asset,
  { signal, patience = usualPatience }: FetchSettings,
  problems: string[],
): Promise<Buffer | undefined> {
  for (const source of sources) {
    try {
      const content = await source(asset, signal, patience);
      if (content === undefined) continue;
      const hash = sha256Of(content);
      if (hash === asset.sha256) return content;
      problems.push(`what ${asset.url} gives has the hash ${hash}, but ${asset.sha256} is pinned`);
    } catch (error) {
      if (signal.aborted) return undefined;
      problems.push((error as Error).message);
    }
  }
  return undefined;
}
