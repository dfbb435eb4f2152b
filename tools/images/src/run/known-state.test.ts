import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { knownDatasets, knownUser } from "./known-state.ts";

const state = mkdtempSync(join(tmpdir(), "workstation-state-"));
mkdirSync(join(state, "datasets/lungs"), { recursive: true });
mkdirSync(join(state, "users/ana"), { recursive: true });
writeFileSync(join(state, "users/ana/user.json"), "{}");
writeFileSync(join(state, "datasets/notes.txt"), "");
afterAll(() => rmSync(state, { recursive: true }));

test("datasets that there are, are taken", () => {
  expect(knownDatasets(state, ["lungs"])).toEqual(["lungs"]);
});

test.each(["lung", "..", "../users", "", "notes.txt"])(
  "the dataset %j is refused, with those that there are",
  (id) => {
    expect(() => knownDatasets(state, ["lungs", id])).toThrow(
      expect.objectContaining({
        code: "DATASET_UNKNOWN",
        exitCode: 3,
        hint: expect.stringContaining("lungs"),
      }),
    );
  },
);

test("a state folder without datasets has none", () => {
  expect(() => knownDatasets(join(state, "users"), ["lungs"])).toThrow(
    expect.objectContaining({ hint: "there is none yet" }),
  );
});

test("a user is known by the record in the folder", () => {
  expect(knownUser(state, "ana")).toBe("ana");
  expect(() => knownUser(state, "bob")).toThrow('no user "bob"');
  expect(() => knownUser(state, "../ana")).toThrow('no user "../ana"');
});
