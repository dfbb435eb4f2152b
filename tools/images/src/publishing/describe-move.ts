import { join } from "node:path";
import { logIn } from "../registry/log-in.ts";
import { requireAccess } from "../registry/registry.ts";
import { type LayerStore, openLayerStore } from "../saved-image/layer-store.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { readTags } from "./move-tags.ts";
import { type Destination, isThere, layersFolder } from "./pack-image.ts";
import { findThere, tagsOf } from "./publish-image.ts";
import type { Publishable } from "./publishable.ts";

/** What publishing an image would do. */
export interface Move {
  readonly name: string;
  readonly variant: string;
  readonly reference: string;
  /** In words: what would be sent. */
  readonly toSend: string;
  /** `to` is a digest where the image is there already, else its content. */
  readonly tags: readonly { readonly tag: string; readonly from: string | null; readonly to: string }[];
}

/** Asks the registry what publishing would change; changes nothing. */
export async function describeMove(workspace: Workspace, image: Publishable): Promise<Move> {
  const host = image.names.name.split("/")[0] ?? "";
  const { registry } = await logIn(host, { signal: workspace.signal });
  await requireAccess(registry);
  const to = { registry, ...image.names, siblings: image.siblings };
  const there = await findThere(image, registry);
  const tags = tagsOf(image, there);
  const states = await readTags(to, [tags.key, ...tags.moving]);
  const store = openLayerStore(layersFolder(join(workspace.cache, "publish")));
  const layers = image.details.diffIds.length;
  const missing = there === undefined ? await missingLayers(image, store, to) : 0;
  registry.close();
  return {
    name: image.planned.image.name,
    variant: image.planned.image.variant,
    reference: image.names.name,
    toSend: there === undefined ? `${missing} of ${layers} layers to send` : "it is there",
    tags: states.map(({ tag, digest }) => ({
      tag,
      from: digest ?? null,
      to: there?.manifest.digest ?? image.planned.content,
    })),
  };
}

async function missingLayers(image: Publishable, store: LayerStore, to: Destination): Promise<number> {
  let missing = 0;
  for (const diffId of image.details.diffIds) {
    const layer = store.find(diffId);
    if (layer === undefined || !(await isThere(layer, to))) missing += 1;
  }
  return missing;
}
