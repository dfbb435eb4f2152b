import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { catalogueOf } from "../platforms/catalogue-of.ts";
import type { CatalogueImage } from "../platforms/engine.ts";
import { resolveImage } from "./resolve-image.ts";
import { typedImages, typedName } from "./typed-images.ts";

const site = { defaults: { image: "ubuntu-python:latest", flavor: "no-gpu" }, registry: { prefix: "hub/" } };
const naming = site as unknown as Parameters<typeof typedImages>[1];

function image(repository: string, tags: readonly string[], family = true): CatalogueImage {
  const own = repository.split("/").at(-1) ?? repository;
  return {
    name: repository.startsWith("hub/") ? own : repository,
    tags,
    reference: `${repository}:${tags[0]}`,
    sizeBytes: 1,
    labels: family ? { [imageLabels.name]: own } : {},
    allowed: true,
  };
}

const images = [
  image("hub/ubuntu-python-tensorflow", ["0.1.0", "key-0123456789ab", "latest"]),
  image("hub/ubuntu-python", ["key-aaaaaaaaaaaa"]),
  image("colleague/ubuntu-python", ["latest"]),
  image("hub/ubuntu-python", ["0.1.0-cuda12", "latest-cuda"]),
  image("hub/ubuntu-python", ["0.1.0", "latest"]),
  image("a-tool", ["key-of-mine"], false),
  { ...image("hub/not-for-jobs", ["latest"]), allowed: false },
];

test("people are shown the names and tags that they type, the default first, then by name", () => {
  expect(typedImages(images, naming).map(({ name, tags }) => [name, ...tags])).toEqual([
    ["ubuntu-python", "latest", "0.1.0"],
    ["a-tool", "key-of-mine"],
    ["ubuntu-python", "latest-cuda", "0.1.0-cuda12"],
    ["ubuntu-python-tensorflow", "latest", "0.1.0"],
  ]);
  expect(typedImages(images, naming).map(typedName)[0]).toBe("ubuntu-python:latest");
});

const catalogue = catalogueOf(async () => images, naming);
const hintFor = (text: string) =>
  resolveImage(catalogue, naming, text).then(
    () => undefined,
    (error: { readonly hint?: string }) => error.hint,
  );

test.each([
  ["ubuntu-pyton", /^did you mean ubuntu-python:latest\? images: ubuntu-python:latest, a-tool:/],
  ["ubuntu-python-tensorflw:latest", /^did you mean ubuntu-python-tensorflow:latest\?/],
  [
    "ubuntu-python:latest-cude",
    /^did you mean ubuntu-python:latest-cuda\? tags: latest, 0\.1\.0, latest-cuda/,
  ],
  ["nothing", /^images: (?!.*(key-0|colleague|not-for))/],
])("a hint for %j names what could be meant", async (text, hint) => {
  expect(await hintFor(text)).toMatch(hint);
});

test("a content's tag is still an image's name", async () => {
  const found = await resolveImage(catalogue, naming, "ubuntu-python-tensorflow:key-0123456789ab");
  expect(found.reference).toBe("hub/ubuntu-python-tensorflow:key-0123456789ab");
});
