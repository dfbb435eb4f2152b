import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLocalState, writeLocalState } from "./local-state.ts";

let local: string;
beforeEach(() => {
  local = join(mkdtempSync(join(tmpdir(), "workstation-state-")), "local");
});
afterEach(() => rmSync(join(local, ".."), { recursive: true }));

test("a machine that remembers nothing has an empty state", () => {
  expect(readLocalState(local)).toEqual({});
});

test("what is written is read back", () => {
  const state = { base: { distribution: "debian-12" as const, reason: "no registry" } };
  writeLocalState(local, state);
  expect(readLocalState(local)).toEqual(state);
});

test("a broken state is refused by name, with the way out", () => {
  mkdirSync(local);
  writeFileSync(join(local, "state.json"), "{");
  expect(() => readLocalState(local)).toThrow("state.json cannot be read");
});
