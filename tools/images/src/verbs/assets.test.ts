import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sha256Of } from "../assets/asset-store.ts";
import { makeProject, type TestProject } from "../testing/project.ts";

const content = Buffer.from("a third party's program");
const sha256 = sha256Of(content);
const family = `
import { defineLayer, image } from "@workstation/images";
const tool = { name: "tool", version: "1.0", url: "https://tool.example.org/tool", sha256: "${sha256}", to: "/opt/tool" };
export const family = [image(defineLayer({ name: "a", description: "tiny", assets: [tool] }))];
`;

let project: TestProject;
let brought: string;
let kept: string;

beforeEach(() => {
  project = makeProject(family);
  vi.stubEnv("XDG_CACHE_HOME", join(project.root, "cache"));
  kept = join(project.root, "cache/workstation-images/assets", sha256);
  brought = join(project.root, "brought");
  mkdirSync(brought);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await project.remove();
});

test("assets are listed with where they come from, or where they lie", async () => {
  const missing = await project.images("assets");
  expect(missing.stdout).toBe("tool-1.0 (a): not on this machine; https://tool.example.org/tool\n");
  writeFileSync(join(brought, "download"), content);
  await project.images("assets", "--add", join(brought, "download"));
  expect((await project.images("assets")).stdout).toBe(`tool-1.0 (a): ${kept}\n`);
});

test("a file that was brought is known by its content, alone or among others", async () => {
  writeFileSync(join(brought, "download (1)"), content);
  writeFileSync(join(brought, "other"), "something else");
  const { code, stdout } = await project.images("assets", "--add", brought);
  expect([code, stdout]).toEqual([
    0,
    `${join(brought, "download (1)")}: tool-1.0\n${join(brought, "other")}: no layer pins it\n`,
  ]);
  expect(readFileSync(kept)).toEqual(content);
});

test("a dry run says what would be taken over, and takes nothing", async () => {
  writeFileSync(join(brought, "tool"), content);
  const { stdout } = await project.images("assets", "--add", brought, "--dry-run");
  expect(stdout).toContain(": tool-1.0\n");
  expect(existsSync(kept)).toBe(false);
});

test("a file that no layer pins is refused, with its hash and those that are pinned", async () => {
  writeFileSync(join(brought, "tool"), "half of a third party's pro");
  const { code, stderr } = await project.images("assets", "--add", join(brought, "tool"));
  expect(code).toBe(2);
  expect(stderr).toContain(`no layer pins what ${join(brought, "tool")} holds`);
  expect(stderr).toContain(`pinned: tool-1.0 ${sha256}`);
});

test("a path that is not there is refused by its name", async () => {
  const { code, stderr } = await project.images("assets", "--add", join(brought, "nothing"));
  expect([code, stderr]).toEqual([2, expect.stringContaining(`cannot read ${join(brought, "nothing")}`)]);
});
