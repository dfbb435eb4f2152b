import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { usualUser } from "@workstation/site";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeProject } from "../testing/project.ts";
import { readRequest } from "./read-request.ts";

const project = makeProject("export const family = [];\n");
const workspace = project.workspace();
const own = usualUser(workspace.site, { uid: process.getuid?.() ?? 0, login: userInfo().username });
const folder = mkdtempSync(join(tmpdir(), "workstation-request-"));
beforeAll(() => {
  mkdirSync(join(folder, "users", own), { recursive: true });
  const record = { uid: 20_001, gid: 20_001, datasets: [] };
  writeFileSync(join(folder, "users", own, "user.json"), JSON.stringify(record));
});
afterAll(() => {
  project.remove();
  rmSync(folder, { recursive: true });
});

const asked = {
  user: undefined,
  nobody: false,
  datasets: undefined,
  flavor: undefined,
  publish: [],
  passwords: {},
};
const image = { reference: "x:1", family: true, health: undefined } as const;

test.each([
  ["a desktop", "desktop", [], {}, own],
  ["a command", "batch", ["true"], {}, own],
  ["a command of a desktop's image", "desktop", ["true"], {}, own],
  ["a plain container", "batch", ["true"], { nobody: true }, undefined],
  ["one on a machine without such a user", "desktop", [], { state: join(folder, "users") }, undefined],
] as const)(
  "without --user %s is of whoever starts it, else nobody's",
  async (_what, kind, command, more, owner) => {
    const options = { ...asked, state: folder, run: folder, command, ...more };
    const { request } = await readRequest(workspace, { ...image, kind }, options);
    expect(request.user?.name).toBe(owner);
  },
);
