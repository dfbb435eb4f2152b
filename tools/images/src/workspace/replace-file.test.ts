import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "./replace-file.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workstation-replace-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a file is there as a whole, with the folders above it, and nothing lies beside it", () => {
  const file = join(folder, "below/file");
  for (const content of ["first\n", "2\n"]) {
    replaceFile(file, content);
    expect(readFileSync(file, "utf8")).toBe(content);
  }
  expect(readdirSync(join(folder, "below"))).toEqual(["file"]);
});
