import type { ImageSummary } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { type Kept, supersededContents } from "./superseded.ts";

/** An image of an earlier build: its id is its key. */
function earlier(key: string, given: { tags?: readonly string[]; parent?: string } = {}): ImageSummary {
  return {
    id: key,
    tags: [`ubuntu-a:key-${key}`, `ubuntu-a:tests-${key}`, ...(given.tags ?? [])],
    labels: {
      [imageLabels.name]: "ubuntu-a",
      [imageLabels.key]: key,
      [imageLabels.inputs]: JSON.stringify({
        inputs: {},
        parentIdentity: given.parent ?? "base",
        platform: "x",
      }),
    },
    size: 1,
    createdAt: 1000,
  };
}

function removed(images: readonly ImageSummary[], kept: Partial<Kept> = {}): readonly string[] {
  const nothing = { prefix: "", current: new Set<string>(), inUse: new Set<string>(), before: 2000 };
  return supersededContents(images, { ...nothing, ...kept }).map(({ id }) => id);
}

test("what only its build named goes", () => {
  expect(removed([earlier("one"), earlier("two")])).toEqual(["one", "two"]);
});

test.each<[string, ImageSummary, Partial<Kept>]>([
  ["has a moving tag", earlier("one", { tags: ["ubuntu-a:latest"] }), {}],
  ["a person named", earlier("one", { tags: ["mine:try"] }), {}],
  ["the plan names", earlier("one"), { current: new Set(["ubuntu-a:key-one"]) }],
  ["a container has", earlier("one"), { inUse: new Set(["one"]) }],
  ["is younger", earlier("one"), { before: 1000 }],
  ["belongs to another prefix", earlier("one"), { prefix: "test/" }],
  ["has no tag at all", { ...earlier("one"), tags: [] }, {}],
])("what %s stays", (_, image, kept) => {
  expect(removed([image], kept)).toEqual([]);
});

test("what an image that stays was built upon stays, however far below; its neighbour goes", () => {
  const images = [
    earlier("low"),
    earlier("middle", { parent: "low" }),
    earlier("top", { parent: "middle", tags: ["ubuntu-a:latest"] }),
    earlier("beside", { parent: "low" }),
  ];
  expect(removed(images)).toEqual(["beside"]);
});
