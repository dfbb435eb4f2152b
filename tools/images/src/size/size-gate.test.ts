import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sizeFaults, type WeighedImage } from "./size-gate.ts";
import { readSizeTable, type SizeTable, writeSizeTable } from "./size-table.ts";

const agreed = {
  gzip: 400e6,
  own: [
    { made: "apt", gzip: 100e6 },
    { made: "uv", gzip: 270e6 },
    { made: "files", gzip: 1e5 },
  ],
};
const table: SizeTable = { distribution: "debian-12", images: { "ubuntu-python": agreed } };

function weighed(given: Partial<WeighedImage> = {}): WeighedImage {
  return { id: "ubuntu-python", layer: "python", limit: 420e6, ...agreed, ...given };
}

const withStep = (made: string, gzip: number) => [
  ...agreed.own.filter((step) => step.made !== made),
  { made, gzip },
];

test("an image that grew a little passes, and one that shrank", () => {
  expect(sizeFaults(weighed({ gzip: 419e6 }), table)).toEqual([]);
  expect(sizeFaults(weighed({ gzip: 300e6, own: withStep("uv", 170e6) }), table)).toEqual([]);
});

test("more than a twentieth names the image, and the layer and step that did it", () => {
  expect(sizeFaults(weighed({ gzip: 440e6, own: withStep("uv", 310e6), limit: undefined }), table)).toEqual([
    "ubuntu-python: 400 MB → 440 MB",
    "layer python of ubuntu-python, uv: 270 MB → 310 MB",
  ]);
});

test("50 MB are too much, however large the image is", () => {
  const large: SizeTable = { ...table, images: { "ubuntu-python": { gzip: 4e9, own: [] } } };
  expect(sizeFaults(weighed({ gzip: 4.06e9, own: [], limit: undefined }), large)).toHaveLength(1);
});

test("a new step is named, a small one may double", () => {
  expect(sizeFaults(weighed({ own: withStep("more", 30e6) }), table)).toEqual([
    "layer python of ubuntu-python, more: 0 B → 30 MB",
  ]);
  expect(sizeFaults(weighed({ own: withStep("files", 2e5) }), table)).toEqual([]);
});

test("what an image may weigh at most holds whatever the table says", () => {
  expect(sizeFaults(weighed({ gzip: 415e6, limit: 410e6 }), table)).toEqual([
    "ubuntu-python weighs 415 MB; it may weigh 410 MB",
  ]);
});

test("an image that is not in the table has only its limit", () => {
  expect(sizeFaults(weighed({ id: "ubuntu-new" }), table)).toEqual([]);
  expect(sizeFaults(weighed({ id: "ubuntu-new", gzip: 421e6 }), undefined)).toHaveLength(1);
});

test("the table keeps images that were not measured, unless they stand on another distribution", () => {
  const root = mkdtempSync(join(tmpdir(), "workstation-sizes-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "images"));
  writeSizeTable(root, "debian-12", { b: agreed });
  writeSizeTable(root, "debian-12", { a: agreed });
  expect(Object.keys(readSizeTable(root)?.images ?? {})).toEqual(["a", "b"]);
  writeSizeTable(root, "ubuntu-22.04", { c: agreed });
  expect(Object.keys(readSizeTable(root)?.images ?? {})).toEqual(["c"]);
});
