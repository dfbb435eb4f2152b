import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "@workstation/cli";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSite } from "./load.ts";
import { mountsOf } from "./mounts.ts";
import { datasetIdPattern, splitDatasetList } from "./names.ts";
import { placesFor } from "./places.ts";
import { volumesFor } from "./volumes.ts";

const text = readFileSync(fileURLToPath(new URL("../../../site.yaml", import.meta.url)), "utf8");
const site = parseSite(text, "site.yaml");

test("the committed site holds the guide's flavors", () => {
  const rows = site.flavors
    .filter((flavor) => flavor.kind === "job")
    .map((flavor) => [
      flavor.name,
      flavor.slots,
      flavor.cores,
      flavor.memory,
      flavor.gpu?.memory,
      flavor.timeLimit,
    ]);
  expect(rows).toEqual(
    expect.arrayContaining([
      ["small-gpu", 8, 4, 32e9, 6e9, 57600],
      ["medium-gpu", 4, 8, 64e9, 12e9, 86400],
      ["large-gpu", 5, 8, 64e9, 32e9, 86400],
      ["no-gpu", 4, 8, 64e9, undefined, 28800],
    ]),
  );
});

test("a site cannot be changed once it is loaded", () => {
  expect(() => Object.assign(site.flavors[0] ?? {}, { slots: 99 })).toThrow(TypeError);
});

test("no text makes the loader fail in any other way than with an explanation", () => {
  const cut = fc.nat({ max: text.length }).map((end) => text.slice(0, end));
  fc.assert(
    fc.property(fc.oneof(cut, fc.string(), fc.json()), (input) => {
      try {
        parseSite(input, "site.yaml");
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
      }
    }),
  );
});

test("root uses the system's places, everybody else their own", () => {
  expect(placesFor(0, {})).toEqual({ state: "/var/lib/workstation", run: "/run/workstation" });
  expect(placesFor(1234, { HOME: "/home/ana", XDG_RUNTIME_DIR: "/run/user/1234" })).toEqual({
    state: "/home/ana/.local/state/workstation",
    run: "/run/user/1234/workstation",
  });
  expect(placesFor(1234, { HOME: "/home/ana" }).run).toBe("/tmp/workstation-1234");
});

test("a job sees its owner's home to write, and its datasets and the datalake only to read", () => {
  const mounts = mountsOf(volumesFor(site, { user: "ana", datasets: ["d-1"] }), { state: "/state" });
  expect(mounts).toEqual([
    {
      source: "/state/users/ana/persistent-home",
      target: "/home/chaimeleon/persistent-home",
      readOnly: false,
    },
    {
      source: "/state/persistent-shared-folder",
      target: "/home/chaimeleon/persistent-shared-folder",
      readOnly: false,
    },
    { source: "/state/datasets/d-1", target: "/home/chaimeleon/datasets/d-1", readOnly: true },
    { source: "/state/datalake", target: "/mnt/datalake", readOnly: true },
  ]);
});

test("what a job sees is said without any place of the machine", () => {
  expect(volumesFor(site, { user: "ana", datasets: ["d-1"] }).map((volume) => volume.content)).toEqual([
    { kind: "persistent-home", user: "ana" },
    { kind: "shared-folder" },
    { kind: "dataset", id: "d-1" },
    { kind: "datalake" },
  ]);
});

test("without a dataset nothing of the datalake is seen", () => {
  const targets = volumesFor(site, { user: "ana", datasets: [] }).map((volume) => volume.target);
  expect(targets).not.toContain("/mnt/datalake");
});

test.each(["..", ".", "", "a/b", "../x", "a\nb", "a b", "x".repeat(65), "\u0000"])(
  "%j is no dataset id and never becomes a path",
  (id) => {
    expect(() => volumesFor(site, { user: "ana", datasets: [id] })).toThrow(/not a dataset id/);
  },
);

test("a list of datasets is read as a person writes it", () => {
  expect(splitDatasetList(" a, b ,,a")).toEqual(["a", "b"]);
  expect(splitDatasetList("")).toEqual([]);
  expect(datasetIdPattern.test("3f2c-1.b_C")).toBe(true);
});

test("a site that says nothing of desktops lets things in, and nothing out", () => {
  const without = parseSite(text.replace(/^desktop:.*\n( .*\n)+/m, ""), "site.yaml");
  expect(text).toMatch(/^desktop:/m);
  expect(without.desktop).toEqual({
    clipboard: { in: true, out: false },
    files: { upload: true, download: false },
  });
});
