import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { findUser, grantedDatasets, knownDatasets, knownUser } from "./known-state.ts";

const state = mkdtempSync(join(tmpdir(), "workstation-state-"));
for (const folder of ["datasets/lungs", "datasets/hearts", "users/ana", "users/broken"])
  mkdirSync(join(state, folder), { recursive: true });
const record = { uid: 20_001, gid: 20_002, datasets: ["lungs", "gone"] };
writeFileSync(join(state, "users/ana/user.json"), JSON.stringify(record));
writeFileSync(join(state, "users/broken/user.json"), '{"uid": "root"}');
writeFileSync(join(state, "datasets/notes.txt"), "");
afterAll(() => rmSync(state, { recursive: true }));

const ana = knownUser(state, "ana");

test("a user is known by the record in the folder, with ids and what was granted", () => {
  expect(ana).toEqual({
    name: "ana",
    ids: { uid: 20_001, gid: 20_002 },
    granted: ["lungs", "gone"],
  });
  expect(() => knownUser(state, "bob")).toThrow(
    expect.objectContaining({ code: "USER_UNKNOWN", hint: "npm run scheduler -- user add bob" }),
  );
  expect(() => knownUser(state, "../ana")).toThrow('no user "../ana"');
  expect(findUser(state, "bob")).toBeUndefined();
});

test("a record that is none is refused with its file", () => {
  expect(() => findUser(state, "broken")).toThrow(expect.objectContaining({ code: "USER_UNREADABLE" }));
});

test("datasets that were granted and are there are taken, also where none is named", () => {
  expect(knownDatasets(state, ana, ["lungs"])).toEqual(["lungs"]);
  expect(grantedDatasets(state, ana)).toEqual(["lungs"]);
});

test("a dataset that is there and was not granted is refused, with the command that grants it", () => {
  expect(() => knownDatasets(state, ana, ["lungs", "hearts"])).toThrow(
    expect.objectContaining({
      code: "DATASET_NOT_GRANTED",
      exitCode: 77,
      hint: "npm run scheduler -- user grant ana hearts",
    }),
  );
});

test.each(["lung", "..", "../users", "", "notes.txt", "gone"])(
  "the dataset %j is refused, with those that there are",
  (id) => {
    expect(() => knownDatasets(state, ana, ["lungs", id])).toThrow(
      expect.objectContaining({
        code: "DATASET_UNKNOWN",
        exitCode: 3,
        hint: expect.stringContaining("lungs"),
      }),
    );
  },
);

test("a state folder without datasets has none", () => {
  expect(() => knownDatasets(join(state, "users"), ana, ["lungs"])).toThrow(
    expect.objectContaining({ hint: "there is none yet" }),
  );
});
