import { execa } from "execa";
import type { Asset } from "../family/layer.ts";

/**
 * Downloads an asset into a file, from the archives that this machine's apt is set up with; false where it names no place
 * there, or the machine has no apt. apt itself fetches: it knows the site's mirror, proxy and certificates. Throws when
 * none has it.
 */
export async function fetchFromArchive(
  asset: Asset,
  download: { readonly file: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const places = asset.archivePaths ?? [];
  const archives = places.length === 0 ? [] : await configuredArchives(download.signal);
  const urls = archives.flatMap((archive) => places.map((path) => `${archive}/${path}`));
  if (urls.length === 0) return false;
  await fetchFirst(urls, asset, download);
  return true;
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

async function fetchFirst(
  urls: readonly string[],
  asset: Asset,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<void> {
  for (const url of urls) {
    const { exitCode } = await execa(
      "/usr/lib/apt/apt-helper",
      [...patience, "download-file", url, file, `SHA256:${asset.sha256}`],
      { reject: false, cancelSignal: signal },
    );
    signal.throwIfAborted();
    if (exitCode === 0) return;
  }
  throw new Error(`no archive of this machine's apt has it (${asset.archivePaths?.join(", ")})`);
}
