import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hashAfter } from "./content.ts";
import { fileContent, isScript, pinnedContent, type SourceFile } from "./file-content.ts";

const first = Buffer.alloc(1_500_000, "a");
const second = Buffer.alloc(1_500_000, "b");
const invented = "0".repeat(64);

let folder: string;
let source: SourceFile;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "file-content-"));
  source = { file: join(folder, "program"), origin: "bin/program", cache: join(folder, "cache") };
  writeFileSync(source.file, first);
});

afterEach(() => rmSync(folder, { recursive: true }));

const memory = () => join(source.cache, "file-hashes.json");
const later = () => Date.now() + 10_000;
const hash = (now = later) => fileContent(source, now).hashAfter("x ");

/** Whoever gives this hash has not read the file. */
function remember(other: string): void {
  writeFileSync(memory(), readFileSync(memory(), "utf8").replaceAll(/[0-9a-f]{64}(?="\])/g, other));
}

test("a large file is read once: while nothing about it has changed its hash is a remembered one", () => {
  expect(hash()).toBe(hashAfter("x ", first));
  remember(invented);
  expect(hash()).toBe(invented);
});

test("what stands before the content is part of what is remembered", () => {
  hash();
  expect(fileContent(source, later).hashAfter("y ")).toBe(hashAfter("y ", first));
  expect(Object.keys(JSON.parse(readFileSync(memory(), "utf8")) as object)).toHaveLength(2);
});

test("a content of the same size, in the same file and with its old time set back, is another one", () => {
  utimesSync(source.file, 1000, 1000);
  hash();
  const { ino, size, mtimeMs } = statSync(source.file);
  writeFileSync(source.file, second);
  utimesSync(source.file, 1000, 1000);
  expect(statSync(source.file)).toMatchObject({ ino, size, mtimeMs });
  expect(hash()).toBe(hashAfter("x ", second));
});

test.each([
  ["less than two seconds ago", 1_900],
  ["in the future, by a clock that was put back", -60_000],
])("a file that changed %s is not remembered: it may change again and look the same", (_, elapsed) => {
  const changed = statSync(source.file).ctimeMs;
  expect(hash(() => changed + elapsed)).toBe(hashAfter("x ", first));
  expect(existsSync(memory())).toBe(false);
});

test("a file that changed longer ago is remembered", () => {
  const changed = statSync(source.file).ctimeMs;
  hash(() => changed + 2_100);
  expect(existsSync(memory())).toBe(true);
});

test("a small file is read each time, and nothing remembered", () => {
  writeFileSync(source.file, "small");
  expect(hash()).toBe(hashAfter("x ", Buffer.from("small")));
  expect(existsSync(memory())).toBe(false);
});

test.each([["{"], ["null"], ['{"x": 1}'], [""]])("a memory that holds %j is made anew", (broken) => {
  hash();
  const before = readFileSync(memory(), "utf8");
  writeFileSync(memory(), broken);
  expect(hash()).toBe(hashAfter("x ", first));
  expect(readFileSync(memory(), "utf8")).toBe(before);
});

test("where the cache cannot be written the file is read each time", () => {
  source = { ...source, cache: "/dev/null/cache" };
  expect([hash(), hash()]).toEqual([hashAfter("x ", first), hashAfter("x ", first)]);
});

test("a file that is not there any more is named", () => {
  rmSync(source.file);
  expect(() => hash()).toThrow(expect.objectContaining({ code: "CANNOT_READ" }));
});

test("a pinned file is known by its pin: once its hash is remembered it is not opened", () => {
  const planned = () => pinnedContent(source, "abc").hashAfter("x ");
  expect(planned()).toBe(hashAfter("x ", first));
  rmSync(source.file);
  expect(planned()).toBe(hashAfter("x ", first));
  expect(() => pinnedContent(source, "other").hashAfter("x ")).toThrow("cannot read bin/program");
});

describe("what goes into a build", () => {
  test("is the file as it was planned", () => {
    const content = fileContent(source, later);
    content.hashAfter("x ");
    expect(content.read().equals(first)).toBe(true);
  });

  test("is never what came after the plan", () => {
    const content = fileContent(source, later);
    content.hashAfter("x ");
    writeFileSync(source.file, second);
    expect(() => content.read()).toThrow(expect.objectContaining({ code: "INPUT_CHANGED" }));
  });

  test("is never something else than a remembered hash says, which is forgotten then", () => {
    hash();
    remember(invented);
    const content = fileContent(source, later);
    content.hashAfter("x ");
    expect(() => content.read()).toThrow("bin/program changed after the images were planned");
    expect(hash()).toBe(hashAfter("x ", first));
  });
});

test.each([
  ["#!/bin/sh\n", true],
  ["#", false],
  ["", false],
  ["\x7fELF", false],
])("a file that starts with %j: a script? %s", (text, script) => {
  writeFileSync(source.file, text);
  expect(isScript(source)).toBe(script);
});
