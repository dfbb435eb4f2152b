import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UserError } from "@workstation/cli";
import type { Command } from "commander";
import { assetFile, assetsOf, hasAsset, keepAsset, nameOf, sha256Of } from "../assets/asset-store.ts";
import type { Asset } from "../family/layer.ts";
import { readFamily } from "../family/read-family.ts";
import { readingFrom } from "../workspace/file-fault.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .option("--add <path...>", "take over files, or folders of files, that were brought here by hand")
    .option("--dry-run", "with --add: say what would be taken over")
    .option("--json", "assets: name, layer, sha256, url, file, present");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const wanted = await readAssets(workspace.root);
  const paths = Array.isArray(options.add) ? options.add.map((path) => resolve(String(path))) : [];
  const brought = paths.flatMap((path) => filesAt(path).map((file) => matchFile(file, wanted)));
  if (paths.length > 0) insistOnOne(paths, brought, wanted);
  for (const { content, asset } of brought) {
    if (asset !== undefined && options.dryRun !== true) keepAsset(workspace.cache, content);
  }
  const rows = wanted.map(({ asset, layer }) => ({
    name: nameOf(asset),
    layer,
    sha256: asset.sha256,
    url: asset.url,
    file: assetFile(workspace.cache, asset),
    present: hasAsset(workspace.cache, asset),
  }));
  if (options.json === true) workspace.stdout.write(jsonText({ assets: rows }));
  else if (paths.length > 0) workspace.stdout.write(brought.map(describeFile).join(""));
  else workspace.stdout.write(rows.map(describeRow).join(""));
}

interface WantedAsset {
  readonly asset: Asset;
  readonly layer: string;
}

/** One file that was brought, and the asset that it is; undefined: none. */
interface BroughtFile {
  readonly path: string;
  readonly content: Buffer;
  readonly hash: string;
  readonly asset: Asset | undefined;
}

async function readAssets(root: string): Promise<readonly WantedAsset[]> {
  const layers = new Set((await readFamily(root)).map((image) => image.layer));
  return [...layers].flatMap((layer) => assetsOf(layer).map((asset) => ({ asset, layer: layer.name })));
}

function filesAt(path: string): readonly string[] {
  const isFolder = readingFrom(path, () => statSync(path).isDirectory());
  if (!isFolder) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(path, entry.name));
}

/** A file is known by its content; its name may be another one by now. */
function matchFile(path: string, wanted: readonly WantedAsset[]): BroughtFile {
  const content = readingFrom(path, () => readFileSync(path));
  const hash = sha256Of(content);
  return { path, content, hash, asset: wanted.find(({ asset }) => asset.sha256 === hash)?.asset };
}

function insistOnOne(
  paths: readonly string[],
  brought: readonly BroughtFile[],
  wanted: readonly WantedAsset[],
): void {
  if (brought.some(({ asset }) => asset !== undefined)) return;
  const hashes = brought.map(({ path, hash }) => `${path} has the hash ${hash}`);
  const pinned = wanted.map(({ asset }) => `${nameOf(asset)} ${asset.sha256}`);
  throw new UserError("ASSET_UNKNOWN", `no layer pins what ${paths.join(", ")} holds`, {
    hint: [...hashes, `pinned: ${pinned.join(", ") || "nothing"}`].join("; "),
  });
}

function describeFile({ path, asset }: BroughtFile): string {
  return `${path}: ${asset === undefined ? "no layer pins it" : nameOf(asset)}\n`;
}

function describeRow(row: {
  name: string;
  layer: string;
  present: boolean;
  url: string;
  file: string;
}): string {
  return `${row.name} (${row.layer}): ${row.present ? row.file : `not on this machine; ${row.url}`}\n`;
}
