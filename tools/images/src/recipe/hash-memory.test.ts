import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { recallHash, rememberHash } from "./hash-memory.ts";

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "hash-memory-"));
});

afterEach(() => rmSync(cache, { recursive: true }));

const known = (name: string) => recallHash(cache, { name, identity: "1" });

test("one hash a name is remembered, and holds for one identity alone", () => {
  rememberHash(cache, { name: "a", identity: "1" }, "old");
  rememberHash(cache, { name: "a", identity: "2" }, "new");
  expect([known("a"), recallHash(cache, { name: "a", identity: "2" })]).toEqual([undefined, "new"]);
});

test("the memory is one file, whatever it holds", () => {
  for (const name of ["a", "b"]) rememberHash(cache, { name, identity: "1" }, "hash");
  expect(readdirSync(cache)).toEqual(["file-hashes.json"]);
});

test("of more than two hundred the oldest are forgotten; what was renewed is not old", () => {
  for (let index = 0; index < 200; index++) rememberHash(cache, { name: `n${index}`, identity: "1" }, "h");
  rememberHash(cache, { name: "n0", identity: "1" }, "again");
  rememberHash(cache, { name: "one more", identity: "1" }, "h");
  expect([known("n0"), known("n1"), known("n2"), known("one more")]).toEqual(["again", undefined, "h", "h"]);
});
