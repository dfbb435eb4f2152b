import { tagOf } from "@workstation/cli";
import type { ImageSummary } from "@workstation/docker";
import { imageLabels, passedTestsTag } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import { type References, referencesOf } from "../family/references.ts";
import type { Recipe } from "../recipe/recipe.ts";
import { changedTests, type TestSet } from "../tested/test-set.ts";
import { buildKey, contentTag, type ParentIdentity } from "./key.ts";
import { readBuildRecord, reasonsToBuild } from "./reasons.ts";

type PlanState = "up to date" | "to test" | "to pull" | "to build" | "cannot be built";

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
  readonly tests: TestSet;
  /** `repository:tests-…`: what the engine calls it once it has passed these tests. */
  readonly proof: string;
  /** What FROM names. */
  readonly parent: string;
  readonly parentIdentity: ParentIdentity;
  readonly platform: string;
  /** Where the registry has this very content; only where the state is `to pull`. */
  readonly published?: {
    /** By digest. */
    readonly reference: string;
    /** Whether it passed the tests as they are now. */
    readonly passed: boolean;
  };
}

/** All that a plan is made from. */
export interface PlanInputs {
  /** Parents first. */
  readonly images: readonly ImageVariant[];
  readonly recipeOf: (image: ImageVariant) => Recipe;
  readonly testsOf: (image: ImageVariant) => TestSet;
  /** The files of the tests that an image passed, by its id and their tag; undefined where nobody remembers them. */
  readonly passedFiles: (imageId: string, tag: string) => TestSet["files"] | undefined;
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
  const tests = inputs.testsOf(image);
  const proof = `${references.repository}:${tests.tag}`;
  const named = { image, recipe, key, references, content, tests, proof };
  const now = { ...named, parentIdentity, platform: inputs.platform };
  return {
    ...now,
    parent: parent?.content ?? inputs.base.reference,
    ...compare(now, inputs),
  };
}

type Verdict = Pick<PlannedImage, "state" | "reasons">;

type Wanted = Omit<PlannedImage, "state" | "reasons" | "parent">;

function compare(wanted: Wanted, inputs: PlanInputs): Verdict {
  const { present } = inputs;
  const built = present.find((each) => each.tags.includes(wanted.content));
  if (built === undefined || built.labels[imageLabels.key] !== wanted.key) {
    return { state: "to build", reasons: whyBuild(wanted, present) };
  }
  if ((built.labels[imageLabels.readme] ?? "") !== wanted.recipe.readme) {
    return { state: "to build", reasons: [`images/${wanted.image.layer.name}/README.md changed`] };
  }
  if (!built.tags.includes(wanted.proof))
    return { state: "to test", reasons: whyTest(wanted, built, inputs) };
  const elsewhere = wanted.references.moving.filter((tag) => !built.tags.includes(tag));
  if (elsewhere.length === 0) return { state: "up to date", reasons: [] };
  return { state: "to test", reasons: [notYet(elsewhere)] };
}

/** The engine keeps with an image which tests it passed; a moving tag alone does not say which. */
function whyTest(wanted: Wanted, built: ImageSummary, inputs: PlanInputs): readonly string[] {
  const start = `${wanted.references.repository}:${passedTestsTag}`;
  const passed = built.tags
    .filter((tag) => tag.startsWith(start))
    .map((tag) => inputs.passedFiles(built.id, tagOf(tag)));
  const changes = passed
    .filter((files) => files !== undefined)
    .map((files) => changedTests(files, wanted.tests.files))
    .toSorted((a, b) => a.length - b.length);
  if (changes[0] !== undefined) return changes[0];
  if (passed.length > 0) return ["its tests changed since they passed; which of them is not remembered here"];
  const elsewhere = wanted.references.moving.filter((tag) => !built.tags.includes(tag));
  return [elsewhere.length > 0 ? notYet(elsewhere) : "this engine does not know that its tests passed"];
}

function notYet(tags: readonly string[]): string {
  return `built, but not yet ${tags.join(" or ")}`;
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
