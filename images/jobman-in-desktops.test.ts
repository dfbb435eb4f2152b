import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { jobmanTexts, prepareJobman } from "./desktop/jobman/files.ts";

const made = join(import.meta.dirname, "../jobman/client/dist");
let folder = "";
beforeEach(() => {
  prepareJobman();
  folder = mkdtempSync(join(tmpdir(), "workstation-jobman-"));
  cpSync(made, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

const bundle = () => jobmanTexts(folder).find(({ path }) => path.endsWith("/jobman.cjs"));

/** As when its sources changed after it was made. */
function makeOld(): void {
  const record = join(folder, "sources.json");
  const { files } = JSON.parse(readFileSync(record, "utf8"));
  writeFileSync(record, JSON.stringify({ hash: "of other sources", files }));
  writeFileSync(join(folder, "jobman.cjs"), "// old\n");
}

test("a desktop gets jobman as it was made of its sources", () => {
  expect(bundle()?.content).toBe(readFileSync(join(made, "jobman.cjs"), "utf8"));
  expect(bundle()?.toBeMadeOf).toBeUndefined();
});

test("a plan sees that its sources changed, and makes nothing", () => {
  makeOld();
  const before = statSync(join(folder, "jobman.cjs")).mtimeMs;
  expect(bundle()).toMatchObject({ content: "", toBeMadeOf: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(statSync(join(folder, "jobman.cjs")).mtimeMs).toBe(before);
});

test("before a build it is made again", () => {
  makeOld();
  prepareJobman(folder);
  expect(bundle()?.content).toBe(readFileSync(join(made, "jobman.cjs"), "utf8"));
}, 60_000);

test("where that cannot be done there is no build", () => {
  expect(() => prepareJobman("/dev/null/nowhere")).toThrow(/jobman cannot be made of its sources: .*Error/);
});
