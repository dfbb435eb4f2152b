import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { userFolder } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { addUser, changeDatasets, type UserStore } from "./write-users.ts";

const isRoot = process.getuid?.() === 0;
let store: UserStore;

describe.runIf(isRoot)("on a full disk", () => {
  beforeEach(() => {
    const state = mkdtempSync(join(tmpdir(), "jobman-users-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k,mode=755", "tmpfs", state]);
    const site = { user: { name: "chaimeleon", uid: 1234, gid: 1235 }, limits: { lowestId: 1000 } };
    store = { state, site, ownUid: 0 };
  });
  afterEach(() => {
    execFileSync("umount", ["--lazy", store.state]);
    rmSync(store.state, { recursive: true });
  });

  function fill(): void {
    const { bavail, bsize } = statfsSync(store.state);
    writeFileSync(join(store.state, "ballast"), Buffer.alloc(bavail * bsize));
  }

  test("a user is not added by halves, the operator reads why, and the same command works later", async () => {
    await addUser(store, { name: "first", datasets: "" });
    fill();
    await expect(addUser(store, { name: "zoe", datasets: "" })).rejects.toMatchObject({
      code: "STORAGE_FULL",
      message: expect.stringContaining("zoe"),
      hint: expect.stringContaining("free space"),
    });
    expect(await readdir(join(store.state, "users"))).toEqual(["first"]);
    await rm(join(store.state, "ballast"));
    expect(await addUser(store, { name: "zoe", datasets: "" })).toMatchObject({ changed: true });
  });

  test("a grant leaves the record as it was", async () => {
    await addUser(store, { name: "zoe", datasets: "a" });
    fill();
    const request = { name: "zoe", datasets: "b", change: "grant" } as const;
    await expect(changeDatasets(store, request)).rejects.toMatchObject({ code: "STORAGE_FULL" });
    const { folder, record } = userFolder(store.state, "zoe");
    expect(JSON.parse(await readFile(record, "utf8"))).toMatchObject({ datasets: ["a"] });
    expect((await readdir(folder)).sort()).toEqual(["persistent-home", "user.json"]);
  });
});
