import type { ImageSummary } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { expandFamily, image, imageId } from "../family/image.ts";
import { testSetOf } from "../tested/test-set.ts";
import { makeLayer } from "../testing/make-layer.ts";
import { recipeWith } from "../testing/make-recipe.ts";
import { withObstacles } from "./obstacles.ts";
import { type PlanInputs, type PlannedImage, planImages } from "./plan.ts";

const family = expandFamily([
  image(makeLayer("python")),
  image(makeLayer("python"), makeLayer("torch", { variants: ["cpu", "cuda"], majors: { cuda: 12 } })),
]);

interface Given extends Partial<PlanInputs> {
  /** What each layer's file and test hold. */
  readonly files?: Readonly<Record<string, string>>;
  readonly tests?: Readonly<Record<string, string>>;
}

function planWith(given: Given = {}) {
  const { files = {}, tests = {}, ...rest } = given;
  return planImages({
    images: family,
    recipeOf: ({ layer, variant }) =>
      recipeWith({ recipe: `r ${variant}`, [`images/${layer.name}/x`]: files[layer.name] ?? "1" }),
    base: { reference: "base:1", parentIdentity: { name: "base image base:1", identity: "b1" } },
    platform: "linux/amd64",
    prefix: "",
    version: "1.2.3",
    present: [],
    testsOf: ({ layer }) => testSetOf({ [`images/${layer.name}/x.test.ts`]: tests[layer.name] ?? "1" }),
    passedFiles: () => undefined,
    ...rest,
  });
}

/** The images as an engine lists them after the plan was carried out and tested. */
function built(
  plan: readonly PlannedImage[],
  tags: (planned: PlannedImage) => readonly string[],
): readonly ImageSummary[] {
  return plan.map((planned, index) => ({
    id: `sha256:${index}`,
    size: 1,
    createdAt: 0,
    tags: tags(planned),
    labels: labelsOf(planned),
  }));
}

function labelsOf(planned: PlannedImage): ImageSummary["labels"] {
  return {
    [imageLabels.key]: planned.key,
    [imageLabels.variant]: planned.image.variant,
    [imageLabels.readme]: planned.recipe.readme,
    [imageLabels.inputs]: JSON.stringify({
      inputs: planned.recipe.inputs,
      parentIdentity: planned.parentIdentity.identity,
      platform: planned.platform,
    }),
  };
}

const everyTag = (planned: PlannedImage) => [planned.content, planned.proof, ...planned.references.moving];
const states = (plan: readonly PlannedImage[]) =>
  plan.map((each) => [imageId(each.image), each.state, ...each.reasons]);

test("on a fresh machine everything must be built", () => {
  expect(states(planWith()).map(([, state, reason]) => [state, reason])).toEqual(
    Array(3).fill(["to build", "not built yet"]),
  );
});

test("what was built and tested is up to date", () => {
  const present = built(planWith(), everyTag);
  expect(states(planWith({ present })).map(([, state]) => state)).toEqual(Array(3).fill("up to date"));
});

test("tags are those of the guide, by variant", () => {
  expect(planWith().map((each) => each.references.moving)).toEqual([
    ["ubuntu-python:latest", "ubuntu-python:1.2.3"],
    ["ubuntu-python-torch:latest", "ubuntu-python-torch:1.2.3"],
    ["ubuntu-python-torch:latest-cuda", "ubuntu-python-torch:1.2.3-cuda12"],
  ]);
});

test("a changed file of the parent rebuilds the child too, and each says why", () => {
  const present = built(planWith(), everyTag);
  expect(states(planWith({ present, files: { python: "2" } }))).toEqual([
    ["ubuntu-python", "to build", "images/python/x changed"],
    ["ubuntu-python-torch", "to build", "parent ubuntu-python changed"],
    ["ubuntu-python-torch (cuda)", "to build", "parent ubuntu-python changed"],
  ]);
});

test("a changed file of the child leaves the parent alone", () => {
  const present = built(planWith(), everyTag);
  expect(states(planWith({ present, files: { torch: "2" } })).map(([name, state]) => [name, state])).toEqual([
    ["ubuntu-python", "up to date"],
    ["ubuntu-python-torch", "to build"],
    ["ubuntu-python-torch (cuda)", "to build"],
  ]);
});

test("another base image is named as the reason", () => {
  const present = built(planWith(), everyTag);
  const base = { reference: "base:1", parentIdentity: { name: "base image base:1", identity: "b2" } };
  expect(states(planWith({ present, base }))[0]).toEqual([
    "ubuntu-python",
    "to build",
    "base image base:1 changed",
  ]);
});

test("what is built but has not passed its tests has no moving tag, and is tested next", () => {
  const present = built(planWith(), (planned) => [planned.content]);
  expect(states(planWith({ present }))[0]).toEqual([
    "ubuntu-python",
    "to test",
    "built, but not yet ubuntu-python:latest or ubuntu-python:1.2.3",
  ]);
});

test("a changed test is tested, and named where anybody remembers what passed", () => {
  const before = planWith();
  const present = built(before, everyTag);
  const tests = { torch: "2" };
  expect(states(planWith({ present, tests }))).toEqual([
    ["ubuntu-python", "up to date"],
    ...["ubuntu-python-torch", "ubuntu-python-torch (cuda)"].map((name) => [
      name,
      "to test",
      "its tests changed since they passed; which of them is not remembered here",
    ]),
  ]);
  const passedFiles = (_: string, tag: string) => before.find((each) => each.tests.tag === tag)?.tests.files;
  expect(states(planWith({ present, tests, passedFiles }))[1]).toEqual([
    "ubuntu-python-torch",
    "to test",
    "images/torch/x.test.ts changed since the tests passed",
  ]);
});

test("moving tags are no proof: an engine that does not know which tests passed has them run", () => {
  const present = built(planWith(), (planned) => [planned.content, ...planned.references.moving]);
  expect(states(planWith({ present }))[0]).toEqual([
    "ubuntu-python",
    "to test",
    "this engine does not know that its tests passed",
  ]);
});

test("what passed its tests but lacks a tag, as after a new version, only gets it", () => {
  const present = built(planWith(), (planned) => [planned.content, planned.proof]);
  expect(states(planWith({ present }))[0]).toEqual([
    "ubuntu-python",
    "to test",
    "built, but not yet ubuntu-python:latest or ubuntu-python:1.2.3",
  ]);
});

test("going back to an earlier content takes the image that is still there", () => {
  const now = built(planWith({ files: { python: "2" } }), everyTag);
  const before = built(planWith(), (planned) => [planned.content]);
  expect(planWith({ present: [...now, ...before] })[0]?.state).toBe("to test");
});

test("a tag that someone moved by hand is no proof", () => {
  const present = built(planWith(), (planned) => planned.references.moving);
  expect(planWith({ present })[0]?.state).toBe("to build");
});

test("a new README is a new label, under the same key", () => {
  const present = built(planWith(), everyTag);
  const [before] = planWith();
  const [after] = planWith({
    present,
    recipeOf: ({ layer, variant }) =>
      recipeWith({ recipe: `r ${variant}`, [`images/${layer.name}/x`]: "1" }, "hello"),
  });
  expect([after?.key, after?.state, after?.reasons]).toEqual([
    before?.key,
    "to build",
    ["images/python/README.md changed"],
  ]);
});

test("the child is built from its parent's content, not from a tag that moves", () => {
  const [python, torch] = planWith();
  expect([python?.parent, torch?.parent]).toEqual(["base:1", python?.content]);
});

test("what cannot be built here says why, and what stands on it that it does not stand; what is there is not asked", () => {
  const onTorch = expandFamily([
    image(makeLayer("python")),
    image(makeLayer("python"), makeLayer("torch")),
    image(makeLayer("python"), makeLayer("torch"), makeLayer("desktop")),
  ]);
  const obstacleTo = ({ name }: { readonly name: string }) =>
    name === "ubuntu-python-torch" ? "its index does not answer" : undefined;
  expect(states(withObstacles(planWith({ images: onTorch }), obstacleTo)).slice(1)).toEqual([
    ["ubuntu-python-torch", "cannot be built", "its index does not answer"],
    ["ubuntu-python-torch-desktop", "cannot be built", "ubuntu-python-torch cannot be built here"],
  ]);
  const present = built(planWith({ images: onTorch }), everyTag);
  const there = planWith({ images: onTorch, present });
  expect(states(withObstacles(there, obstacleTo)).map(([, state]) => state)).toEqual(
    Array(3).fill("up to date"),
  );
});
