import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DockerConnection, type ImageDetails, imageHistory, saveImage } from "@workstation/docker";
import { z } from "zod";
import { type LayerSize, measureLayers } from "./measure-image.ts";

/** What an image weighs, layer by layer, lowest first. */
export type ImageSize = z.infer<typeof imageSize>;

const imageSize = z.object({
  id: z.string(),
  gzip: z.number(),
  zstd: z.number(),
  plain: z.number(),
  layers: z.array(z.object({ made: z.string(), plain: z.number(), gzip: z.number(), zstd: z.number() })),
});

/** Measures an image; what was measured once is remembered by the image's id in the account's cache. */
export async function sizeOfImage(
  docker: DockerConnection,
  image: ImageDetails,
  { cache, parent }: { readonly cache: string; readonly parent: ImageSize | undefined },
): Promise<ImageSize> {
  const file = join(cache, "sizes", `${image.id.replace("sha256:", "")}.json`);
  const known = readKnown(file);
  if (known !== undefined) return known;
  const layers = await measureLayers(await saveImage(docker, image.id), parent?.layers);
  const made = await stepsOf(docker, image.id);
  const size: ImageSize = {
    id: image.id,
    plain: sum(layers, "plain"),
    gzip: sum(layers, "gzip"),
    zstd: sum(layers, "zstd"),
    layers: layers.map((layer, index) => ({ made: made[index] ?? "", ...layer })),
  };
  mkdirSync(join(cache, "sizes"), { recursive: true });
  writeFileSync(file, JSON.stringify(size));
  return size;
}

function readKnown(file: string): ImageSize | undefined {
  try {
    return imageSize.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** The steps that made layers, lowest first; history also lists those that set a label or the like. */
async function stepsOf(docker: DockerConnection, id: string): Promise<readonly string[]> {
  const history = (await imageHistory(docker, id)).toReversed();
  return history
    .filter((entry) => entry.size > 0 || /^(RUN|COPY|ADD|WORKDIR)\b/.test(entry.createdBy))
    .map((entry) => shorten(entry.createdBy));
}

function shorten(step: string): string {
  const text = step
    .replace(/^RUN \/bin\/sh -c /, "")
    .replace(/\s*#\s*buildkit$/, "")
    .replace(/^\. \/srv\/build-step\s*&&\s*/, "")
    .replace(/\s+/g, " ");
  return text === "" ? "the base image" : text.slice(0, 70);
}

function sum(layers: readonly LayerSize[], key: keyof LayerSize): number {
  return layers.reduce((total, layer) => total + layer[key], 0);
}
