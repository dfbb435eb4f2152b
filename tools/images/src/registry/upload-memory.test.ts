import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { openUploadMemory } from "./upload-memory.ts";

const folder = mkdtempSync(join(tmpdir(), "workstation-uploads-"));
const file = join(folder, "below/uploads.json");
afterAll(() => rmSync(folder, { recursive: true }));

test("an upload is remembered for its own account until it is done", () => {
  const memory = openUploadMemory(file);
  memory.set("a", "https://registry.example.org/1");
  expect(memory.get("a")).toBe("https://registry.example.org/1");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  memory.set("a", undefined);
  expect(memory.get("a")).toBeUndefined();
});

test("what another publisher is sending is left to it, and carried on with once that one has ended", async () => {
  openUploadMemory(file).set("b", "theirs");
  const memory = openUploadMemory(file);
  memory.set("b", "ours");
  expect([memory.get("b"), memory.get("c")]).toEqual([undefined, undefined]);
  const ended = execa("true");
  await ended;
  writeFileSync(file, JSON.stringify({ b: { location: "theirs", pid: ended.pid, owner: "x" } }));
  expect(memory.get("b")).toBe("theirs");
});

test("a file that cannot be read costs only what it remembered", () => {
  writeFileSync(file, "{");
  expect(openUploadMemory(file).get("b")).toBeUndefined();
});
