import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { judgeSize, type WeighedImage } from "./size-gate.ts";
import { measuredSizes, readSizeTable, type SizeTable, writeSizeTable } from "./size-table.ts";

const agreed = {
  gzip: 400e6,
  own: [
    { made: "apt", gzip: 100e6 },
    { made: "uv", gzip: 270e6 },
    { made: "files", gzip: 1e5 },
  ],
};
const table: SizeTable = { "debian-12": { "ubuntu-python": agreed } };

function weighed(given: Partial<WeighedImage> = {}): WeighedImage {
  return {
    id: "ubuntu-python",
    layer: "python",
    distribution: "debian-12",
    limit: 420e6,
    ...agreed,
    ...given,
  };
}

const passed = { state: "passed", reasons: [] };
const failed = (...reasons: readonly string[]) => ({ state: "failed", reasons });

const withStep = (made: string, gzip: number) => [
  ...agreed.own.filter((step) => step.made !== made),
  { made, gzip },
];

test("an image that grew a little passes, and one that shrank", () => {
  expect(judgeSize(weighed({ gzip: 419e6 }), table)).toEqual(passed);
  expect(judgeSize(weighed({ gzip: 300e6, own: withStep("uv", 170e6) }), table)).toEqual(passed);
});

test("more than a twentieth names the image, and the layer and step that did it", () => {
  const grown = weighed({ gzip: 440e6, own: withStep("uv", 310e6), limit: undefined });
  expect(judgeSize(grown, table)).toEqual(
    failed("ubuntu-python: 400 MB → 440 MB", "layer python of ubuntu-python, uv: 270 MB → 310 MB"),
  );
});

test("50 MB are too much, however large the image is", () => {
  const large: SizeTable = { "debian-12": { "ubuntu-python": { gzip: 4e9, own: [] } } };
  expect(judgeSize(weighed({ gzip: 4.06e9, own: [], limit: undefined }), large).state).toBe("failed");
});

test("a new step is named, a small one may double", () => {
  expect(judgeSize(weighed({ own: withStep("more", 30e6) }), table)).toEqual(
    failed("layer python of ubuntu-python, more: 0 B → 30 MB"),
  );
  expect(judgeSize(weighed({ own: withStep("files", 2e5) }), table)).toEqual(passed);
});

test("what an image may weigh at most holds whatever the table says", () => {
  expect(judgeSize(weighed({ gzip: 415e6, limit: 410e6 }), table)).toEqual(
    failed("ubuntu-python weighs 415 MB; it may weigh 410 MB"),
  );
});

test("an image whose size nobody agreed to has not passed; over its limit it fails all the same", () => {
  expect(judgeSize(weighed({ id: "ubuntu-new" }), table)).toEqual({
    state: "skipped",
    reasons: ["no size of ubuntu-new on debian-12 was agreed to: npm run images -- size --write"],
  });
  expect(judgeSize(weighed({ id: "ubuntu-new", gzip: 421e6 }), table).state).toBe("failed");
});

test("a size on one distribution says nothing of another", () => {
  expect(judgeSize(weighed({ distribution: "ubuntu-22.04" }), table)).toEqual({
    state: "skipped",
    reasons: ["no size on ubuntu-22.04 was agreed to: npm run images -- size --write"],
  });
});

test("the table keeps images that were not measured, and other distributions beside this one", () => {
  const root = mkdtempSync(join(tmpdir(), "workstation-sizes-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "images"));
  writeSizeTable(root, "ubuntu-22.04", { c: agreed });
  writeSizeTable(root, "debian-12", { b: agreed });
  writeSizeTable(root, "debian-12", { a: agreed });
  const read = readSizeTable(root);
  expect(Object.keys(read)).toEqual(["debian-12", "ubuntu-22.04"]);
  expect(Object.keys(read["debian-12"] ?? {})).toEqual(["a", "b"]);
  expect(read["ubuntu-22.04"]).toEqual({ c: agreed });
});

test("documents take the sizes of the site's distribution, else those of another with its name", () => {
  const other: SizeTable = { ...table, "ubuntu-22.04": {} };
  expect(measuredSizes(table, "ubuntu-22.04")?.distribution).toBe("debian-12");
  expect(measuredSizes(other, "ubuntu-22.04")?.distribution).toBe("ubuntu-22.04");
  expect(measuredSizes({}, "ubuntu-22.04")).toBeUndefined();
});
