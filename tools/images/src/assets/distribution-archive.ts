import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import type { Asset } from "../family/layer.ts";

/**
 * An asset from the archives that this machine's apt is set up with; undefined where it names no place there, or the
 * machine has no apt. apt itself fetches: it knows the site's mirror, proxy and certificates. Throws when none has it.
 */
export async function fetchFromArchive(asset: Asset, signal: AbortSignal): Promise<Buffer | undefined> {
  const places = asset.archivePaths ?? [];
  const archives = places.length === 0 ? [] : await configuredArchives(signal);
  const urls = archives.flatMap((archive) => places.map((path) => `${archive}/${path}`));
  if (urls.length === 0) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "workstation-asset-"));
  try {
    return await firstOf(urls, { asset, folder, signal });
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The roots of the archives, as apt names them; none where there is no apt. */
async function configuredArchives(signal: AbortSignal): Promise<readonly string[]> {
  const format = ["--no-release-info", "--format", "$(SITE)"];
  const listed = await execa("apt-get", ["indextargets", ...format], { reject: false, cancelSignal: signal });
  if (listed.exitCode !== 0) return [];
  return [...new Set(listed.stdout.split("\n").filter((line) => line !== ""))];
}

/** An archive that says nothing for ten seconds is asked once more. */
const patience = ["Retries=1", "http::Timeout=10", "https::Timeout=10"].flatMap((each) => [
  "-o",
  `Acquire::${each}`,
]);

async function firstOf(
  urls: readonly string[],
  { asset, folder, signal }: { readonly asset: Asset; readonly folder: string; readonly signal: AbortSignal },
): Promise<Buffer> {
  const file = join(folder, "asset");
  for (const url of urls) {
    const { exitCode } = await execa(
      "/usr/lib/apt/apt-helper",
      [...patience, "download-file", url, file, `SHA256:${asset.sha256}`],
      { reject: false, cancelSignal: signal },
    );
    signal.throwIfAborted();
    if (exitCode === 0) return readFile(file);
  }
  throw new Error(`no archive of this machine's apt has it (${asset.archivePaths?.join(", ")})`);
}
