import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";

const folder = mkdtempSync(join(tmpdir(), "workstation-style-"));
let found: readonly string[] = [];

const lines = (count: number) => Array(count).fill("work();").join("\n");

const planted: Readonly<Record<string, string>> = {
  "tools/a/long.ts": lines(251),
  "tools/a/whole.ts": lines(250),
  "tools/a/tall.ts": `export function tall(work: () => void) {\n${lines(41)}\n}`,
  "tools/a/fit.ts": `export function fit(work: () => void) {\n${lines(38)}\n}`,
  "tools/a/tall.test.ts": `export function tall(work: () => void) {\n${lines(60)}\n}`,
  "tools/a/wide.ts": "export const wide = (a: 1, b: 1, c: 1, d: 1) => [a, b, c, d];",
  "tools/a/x.ts": 'import type { Y } from "./y.ts";\nexport interface X { readonly y: Y }',
  "tools/a/y.ts": 'import type { X } from "./x.ts";\nexport interface Y { readonly x: X }',
  "tools/a/any.ts": "export const x = (y: any) => y;",
  "tools/a/sure.ts": "export const x = (y: string | undefined) => y!.length;",
  "jobman/scheduler/src/queue/clock.ts": "export const now = () => Date.now();",
  "jobman/scheduler/src/queue/files.ts": 'import { readFileSync } from "node:fs";\nexport { readFileSync };',
};

beforeAll(async () => {
  const {
    $schema: _,
    vcs: __,
    ...config
  } = JSON.parse(readFileSync(join(projectFolder, "biome.json"), "utf8"));
  const files = { ...planted, "biome.json": JSON.stringify(config) };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const biome = join(projectFolder, "node_modules/.bin/biome");
  const { stdout } = await $({ cwd: folder, nothrow: true, quiet: true })`${biome} lint --reporter=github .`;
  found = [...stdout.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+)/g)].map(
    ([, rule, file]) => `${rule}: ${file?.slice(file.search(/(tools|jobman)\//))}`,
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  "noExcessiveLinesPerFile: tools/a/long.ts",
  "noExcessiveLinesPerFunction: tools/a/tall.ts",
  "useMaxParams: tools/a/wide.ts",
  "noImportCycles: tools/a/x.ts",
  "noImportCycles: tools/a/y.ts",
  "noExplicitAny: tools/a/any.ts",
  "noNonNullAssertion: tools/a/sure.ts",
  "noRestrictedGlobals: jobman/scheduler/src/queue/clock.ts",
  "noRestrictedImports: jobman/scheduler/src/queue/files.ts",
])("%s is found", (breach) => {
  expect(found).toContain(breach);
});

test.each(["whole.ts", "fit.ts", "tall.test.ts"])("%s is within its limits", (file) => {
  expect(found.filter((each) => each.endsWith(`/${file}`))).toEqual([]);
});
