import type { Reporter } from "@workstation/cli";
import type { Asset } from "../family/layer.ts";
import { hasAsset, keepAsset, nameOf, sha256Of } from "./asset-store.ts";
import { fetchFromArchive } from "./distribution-archive.ts";

const fetchLimitMs = 120_000;

/**
 * Fetches those third-party files that this account does not have yet: from their page, else from the distribution's
 * archive. One that cannot be had, or is not the one that was pinned, is said and left out: the plan, a label and a
 * skipped test tell of it.
 */
export async function fetchAssets(
  assets: readonly Asset[],
  settings: { readonly cache: string; readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<void> {
  for (const asset of assets) {
    if (hasAsset(settings.cache, asset)) continue;
    const problems: string[] = [];
    const content = await firstThatIsPinned(asset, settings.signal, problems);
    settings.signal.throwIfAborted();
    if (content !== undefined) keepAsset(settings.cache, content);
    else
      settings.reporter.warn(
        `${nameOf(asset)} cannot be had: ${problems.join("; ")}; ` +
          "where you have the file: npm run images -- assets --add FILE",
      );
  }
}

/** Where a file may be had, in the order in which it is asked for. */
const sources = [fetchFromPage, fetchFromArchive];

async function firstThatIsPinned(
  asset: Asset,
  signal: AbortSignal,
  problems: string[],
): Promise<Buffer | undefined> {
  for (const source of sources) {
    try {
      const content = await source(asset, AbortSignal.any([signal, AbortSignal.timeout(fetchLimitMs)]));
      if (content === undefined) continue;
      const hash = sha256Of(content);
      if (hash === asset.sha256) return content;
      problems.push(`what ${asset.url} gives has the hash ${hash}, but ${asset.sha256} is pinned`);
    } catch (error) {
      if (signal.aborted) return undefined;
      problems.push(describe(error as Error));
    }
  }
  return undefined;
}

async function fetchFromPage(asset: Asset, signal: AbortSignal): Promise<Buffer> {
  const response = await fetch(asset.url, { signal }).catch((error: Error) => {
    throw new Error(`${asset.url} does not answer (${describe(error)})`);
  });
  if (!response.ok) throw new Error(`${asset.url} answers ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

/** fetch says "fetch failed" and keeps the reason. */
function describe(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
