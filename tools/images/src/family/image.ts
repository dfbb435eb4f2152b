import { UserError } from "@workstation/cli";
import type { Layer } from "./layer.ts";
import { additionAlone, layerIn } from "./variant-layer.ts";
import { type Kind, plain, type Variant, variantsFor } from "./variants.ts";

/** One line of the table in images/family.ts: an image is a path of layers. */
export interface FamilyImage {
  readonly name: string;
  readonly kind: Kind;
  readonly layers: readonly Layer[];
  readonly variants: readonly Variant[];
}

/** One image that can be built: a line of the table in one variant. */
export interface ImageVariant {
  readonly name: string;
  readonly kind: Kind;
  readonly variant: Variant;
  readonly layers: readonly Layer[];
  /** What this image adds to its parent: its last layer, as its variant has it. */
  readonly layer: Layer;
  /** The image below, which for a variant of the lowest layer is its plain one; undefined: the base image. */
  readonly parent: ImageVariant | undefined;
}

/**
 * An image as a path of layers, lowest first. Its name follows from them, and its variants from the layers that differ;
 * it is a desktop when one of them is a desktop's.
 */
export function image(...layers: readonly Layer[]): FamilyImage {
  // The table runs without having been checked for types.
  if (layers.some((layer) => layer?.name === undefined)) {
    throw invalid("image(…) was given something that is no layer");
  }
  const kind: Kind = layers.some((layer) => layer.kind === "desktop") ? "desktop" : "batch";
  const variants = variantsFor(
    kind,
    layers.flatMap((layer) => layer.variants),
  );
  return { name: ["ubuntu", ...layers.map((layer) => layer.name)].join("-"), kind, layers, variants };
}

/**
 * An image of one program of the platform, made by one layer that says what of itself is kept (`keeps`). It stands on
 * nothing, and nothing stands on it.
 */
export function program(name: string, layer: Layer): FamilyImage {
  if (layer?.keeps === undefined)
    throw invalid(`program("${name}", …) needs a layer that says what it keeps`);
  return { name, kind: "service", layers: [layer], variants: [plain] };
}

/** Every image of the family in every variant, parents first. Throws `FAMILY_INVALID` for a table that has a gap. */
export function expandFamily(family: readonly FamilyImage[]): readonly ImageVariant[] {
  const expanded = new Map<string, ImageVariant>();
  const byDepth = family.toSorted((a, b) => depthOf(a) - depthOf(b));
  for (const line of byDepth) {
    for (const variant of line.variants) {
      const made = expandLine(line, variant, expanded);
      const id = imageId(made);
      if (expanded.has(id)) throw invalid(`the image ${line.name} is in the table twice`);
      expanded.set(id, made);
    }
  }
  return [...expanded.values()];
}

/** Nothing waits for a program of the platform. */
function depthOf({ kind, layers }: FamilyImage): number {
  return kind === "service" ? Number.POSITIVE_INFINITY : layers.length;
}

/** An image's name and variant as one text: `ubuntu-python (cuda)`; the plain variant is not mentioned. */
export function imageId(image: Pick<ImageVariant, "name" | "variant">): string {
  return image.variant === plain ? image.name : `${image.name} (${image.variant})`;
}

/** An image as the command line takes it: `ubuntu-python:cuda`. */
export function imageArgument(image: Pick<ImageVariant, "name" | "variant">): string {
  return image.variant === plain ? image.name : `${image.name}:${image.variant}`;
}

function expandLine(
  line: FamilyImage,
  variant: Variant,
  expanded: ReadonlyMap<string, ImageVariant>,
): ImageVariant {
  const layer = line.layers.at(-1);
  if (layer === undefined) throw invalid("an image of the table has no layers");
  const made = {
    name: line.name,
    kind: line.kind,
    variant,
    layers: line.layers,
    layer: layerIn(layer, variant),
  };
  if (line.layers.length === 1) {
    const parent = expanded.get(imageId({ name: line.name, variant: plain }));
    return parent === undefined
      ? { ...made, parent }
      : { ...made, layer: additionAlone(layer, variant), parent };
  }
  const below = image(...line.layers.slice(0, -1)).name;
  const parent =
    expanded.get(imageId({ name: below, variant })) ?? expanded.get(imageId({ name: below, variant: plain }));
  if (parent === undefined) throw invalid(`${line.name} needs ${below}, which is not in the table`);
  return { ...made, parent };
}

function invalid(problem: string): UserError {
  return new UserError("FAMILY_INVALID", problem, { hint: "correct images/family.ts" });
}
