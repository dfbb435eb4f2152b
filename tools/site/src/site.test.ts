import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UserError } from "@workstation/cli";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseSite } from "./load.ts";
import { mountsFor } from "./mounts.ts";
import { datasetIdPattern, splitDatasetList } from "./names.ts";
import { placesFor } from "./places.ts";

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

test.each([
  [
    "a unit that does not exist",
    "memory: 32GB",
    "memory: 32 gigs",
    /site\.yaml:\d+: flavors\.0\.memory is "32 gigs".*GB/s,
  ],
  [
    "a misspelt key",
    "maxActiveJobsPerUser",
    "maxActiveJobPerUser",
    /unknown key limits\.maxActiveJobPerUser/,
  ],
  ["a negative count", "slots: 8", "slots: -8", /flavors\.0\.slots is -8/],
  [
    "a flavor that stands twice",
    "name: medium-gpu",
    "name: small-gpu",
    /flavors\.1\.name is "small-gpu": is there twice/,
  ],
  [
    "a default flavor that does not exist",
    "flavor: no-gpu",
    "flavor: huge",
    /defaults\.flavor is "huge".*small-gpu/,
  ],
  [
    "a distribution that is not supported",
    "distribution: ubuntu-22.04",
    "distribution: ubuntu-24.04",
    /base\.distribution/,
  ],
  ["root as the user", "uid: 1000", "uid: 0", /user\.uid is 0/],
  ["a job flavor without a time limit", ", timeLimit: 8h", "", /needs a time limit/],
  ["an invented digest", "digest: null }", 'digest: "sha256:abc" }', /64 hexadecimal digits/],
  ["a file that ends half-way", "mirrors:", "mirrors: {", /site\.yaml:\d+/],
  ["a key that stands twice", "user:\n", "user:\n  name: a\n", /site\.yaml:\d+: .*unique/i],
])("%s is refused with its line", (_, from, to, message) => {
  expect(text).toContain(from);
  expect(() => parseSite(text.replace(from, to), "site.yaml")).toThrow(message);
});

test("the line that a refusal names is the line of the fault", () => {
  const broken = text.replace("slots: 8", "slots: many");
  const line = broken.split("\n").findIndex((each) => each.includes("slots: many")) + 1;
  expect(() => parseSite(broken, "site.yaml")).toThrow(`site.yaml:${line}:`);
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
  const mounts = mountsFor(site, "/state", { user: "ana", datasets: ["d-1"] });
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

test("without a dataset nothing of the datalake is seen", () => {
  const targets = mountsFor(site, "/state", { user: "ana", datasets: [] }).map((mount) => mount.target);
  expect(targets).not.toContain("/mnt/datalake");
});

test.each(["..", ".", "", "a/b", "../x", "a\nb", "a b", "x".repeat(65), "\u0000"])(
  "%j is no dataset id and never becomes a path",
  (id) => {
    expect(() => mountsFor(site, "/state", { user: "ana", datasets: [id] })).toThrow(/not a dataset id/);
  },
);

test("a list of datasets is read as a person writes it", () => {
  expect(splitDatasetList(" a, b ,,a")).toEqual(["a", "b"]);
  expect(splitDatasetList("")).toEqual([]);
  expect(datasetIdPattern.test("3f2c-1.b_C")).toBe(true);
});
