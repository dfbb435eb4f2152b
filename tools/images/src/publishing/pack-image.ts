import { readFileSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, type Reporter } from "@workstation/cli";
import { type DockerConnection, type ImageDetails, saveImage } from "@workstation/docker";
import { findBlob, type Registry } from "../registry/registry.ts";
import { type LayerStore, openLayerStore, type PackedLayer } from "../saved-image/layer-store.ts";
import { readSaved } from "../saved-image/read-saved.ts";
import { replaceFile } from "../workspace/replace-file.ts";

/** An image in the form in which it is sent. */
export interface PackedImage {
  /** Lowest first. */
  readonly layers: readonly PackedLayer[];
  readonly config: Buffer;
  readonly store: LayerStore;
}

/** Where a packed image goes, and what may already be there. */
export interface Destination {
  readonly registry: Registry;
  readonly repository: string;
  /** Repositories that hold what the image stands on. */
  readonly siblings: readonly string[];
}

/**
 * Packs an image of the engine. A layer is compressed once; one that the registry has is not even taken from the engine.
 * `folder` keeps what must not be done twice.
 */
export async function packImage(
  docker: DockerConnection,
  details: ImageDetails,
  work: {
    readonly to: Destination;
    readonly folder: string;
    readonly reporter: Reporter;
    readonly signal: AbortSignal;
  },
): Promise<PackedImage> {
  const store = openLayerStore(layersFolder(work.folder));
  const configFile = join(work.folder, "configs", `${details.id.replace("sha256:", "")}.json`);
  const settled = await settledLayers(details, store, work.to);
  const known = readKnown(configFile);
  if (known !== undefined && settled.length === details.diffIds.length) {
    return { layers: settled, config: known, store };
  }
  const skippable = new Set(settled.map((layer) => layer.plainSize));
  const wants = (size: number): boolean => !skippable.has(size);
  let config = await save(docker, details, { ...work, store, wants });
  // Two layers of the very same size: the one that is there hid the one that is not.
  if (!isWhole(details, store)) config = await save(docker, details, { ...work, store, wants: () => true });
  replaceFile(configFile, config);
  return { layers: details.diffIds.map((diffId) => requireLayer(store, diffId)), config, store };
}

/** Where packed layers lie, in the folder that publishing keeps. */
export function layersFolder(folder: string): string {
  return join(folder, "layers");
}

/** Layers that are there, or lie packed. */
async function settledLayers(
  details: ImageDetails,
  store: LayerStore,
  to: Destination,
): Promise<readonly PackedLayer[]> {
  const settled: PackedLayer[] = [];
  for (const diffId of details.diffIds) {
    const layer = store.find(diffId);
    if (layer !== undefined && (store.hasBytes(layer) || (await isThere(layer, to)))) settled.push(layer);
  }
  return settled;
}

export async function isThere(
  layer: PackedLayer,
  { registry, repository, siblings }: Destination,
): Promise<boolean> {
  for (const place of [repository, ...siblings]) {
    if ((await findBlob(registry, place, layer.digest)) === layer.size) return true;
  }
  return false;
}

async function save(
  docker: DockerConnection,
  details: ImageDetails,
  work: {
    readonly store: LayerStore;
    readonly wants: (size: number) => boolean;
    readonly reporter: Reporter;
    readonly signal: AbortSignal;
  },
): Promise<Buffer> {
  let bytes = 0;
  const onBytes = (more: number): void => {
    bytes += more;
    work.reporter.progress(`compressed ${formatBytes(bytes)} of the image`);
  };
  const saved = await saveImage(docker, details.id, work.signal);
  return readSaved(saved, work.store, { wants: work.wants, onBytes });
}

function isWhole(details: ImageDetails, store: LayerStore): boolean {
  return details.diffIds.every((diffId) => store.find(diffId) !== undefined);
}

function requireLayer(store: LayerStore, diffId: string): PackedLayer {
  const layer = store.find(diffId);
  if (layer === undefined) throw new Error(`the engine saved the image without its layer ${diffId}`);
  return layer;
}

function readKnown(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
