import type { ImageSummary } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { type References, referencesOf } from "../family/references.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { buildKey, contentTag, type ParentIdentity } from "./key.ts";
import { readBuildRecord, reasonsToBuild } from "./reasons.ts";

type PlanState = "up to date" | "to test" | "to build";

/** What must be done for one image, and why. */
export interface PlannedImage {
  readonly image: ImageVariant;
  readonly recipe: Recipe;
  readonly key: string;
  readonly state: PlanState;
  readonly reasons: readonly string[];
  readonly references: References;
  /** `repository:key-…`: what this content is called, built or not. */
  readonly content: string;
  /** What FROM names. */
  readonly parent: string;
  readonly parentIdentity: ParentIdentity;
  readonly platform: string;
}

/** All that a plan is made from. */
export interface PlanInputs {
  /** Parents first. */
  readonly images: readonly ImageVariant[];
  readonly recipeOf: (image: ImageVariant) => Recipe;
  readonly base: { readonly reference: string; readonly parentIdentity: ParentIdentity };
  readonly platform: string;
  readonly prefix: string;
  readonly version: string;
  /** The family's images on this machine. */
  readonly present: readonly ImageSummary[];
}

/** The plan for a family. Pure: looks at labels and hashes alone. */
export function planImages(inputs: PlanInputs): readonly PlannedImage[] {
  const planned = new Map<ImageVariant, PlannedImage>();
  for (const image of inputs.images) planned.set(image, planOne(image, inputs, planned));
  return [...planned.values()];
}

function planOne(
  image: ImageVariant,
  inputs: PlanInputs,
  planned: ReadonlyMap<ImageVariant, PlannedImage>,
): PlannedImage {
  const recipe = inputs.recipeOf(image);
  const parent = image.parent === undefined ? undefined : planned.get(image.parent);
  if (image.parent !== undefined && parent === undefined)
    throw new Error(`${image.name} is planned before its parent`);
  const parentIdentity =
    parent === undefined
      ? inputs.base.parentIdentity
      : { name: `parent ${parent.image.name}`, identity: parent.key };
  const key = buildKey(recipe.inputs, parentIdentity, inputs.platform);
  const references = referencesOf(image, inputs.prefix, inputs.version);
  const content = `${references.repository}:${contentTag(key)}`;
  const now = { image, recipe, key, references, content, parentIdentity, platform: inputs.platform };
  return {
    ...now,
    parent: parent?.content ?? inputs.base.reference,
    ...compare(now, inputs.present),
  };
}

type Wanted = Pick<
  PlannedImage,
  "image" | "recipe" | "key" | "references" | "content" | "parentIdentity" | "platform"
>;

function compare(wanted: Wanted, present: readonly ImageSummary[]): Pick<PlannedImage, "state" | "reasons"> {
  const built = present.find((each) => each.tags.includes(wanted.content));
  if (built === undefined || built.labels[imageLabels.key] !== wanted.key) {
    return { state: "to build", reasons: whyBuild(wanted, present) };
  }
  if ((built.labels[imageLabels.readme] ?? "") !== wanted.recipe.readme) {
    return { state: "to build", reasons: [`images/${wanted.image.layer.name}/README.md changed`] };
  }
  const elsewhere = wanted.references.moving.filter((tag) => !built.tags.includes(tag));
  if (elsewhere.length === 0) return { state: "up to date", reasons: [] };
  return { state: "to test", reasons: [`built, but not yet ${elsewhere.join(" or ")}`] };
}

function whyBuild(wanted: Wanted, present: readonly ImageSummary[]): readonly string[] {
  const before = lastBuilt(wanted, present);
  if (before === undefined) return ["not built yet"];
  const record = readBuildRecord(before.labels[imageLabels.inputs]);
  const reasons =
    record === undefined ? [] : reasonsToBuild(record, { ...wanted, inputs: wanted.recipe.inputs });
  return reasons.length === 0
    ? ["the image on this machine was made by another version of this tool"]
    : reasons;
}

function lastBuilt(
  { references, image }: Wanted,
  present: readonly ImageSummary[],
): ImageSummary | undefined {
  const tagged = present.find((each) => references.moving.some((tag) => each.tags.includes(tag)));
  const same = (each: ImageSummary): boolean =>
    each.labels[imageLabels.variant] === image.variant &&
    each.tags.some((tag) => tag.startsWith(`${references.repository}:`));
  return tagged ?? present.find(same);
}
