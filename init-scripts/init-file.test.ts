import { execFileSync } from "node:child_process";
import {
  chmod,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { giveToUser, isRoot, preparePlainStart } from "./plain-start.ts";

const template = join(import.meta.dirname, "init.sh");

describe("the default init.sh", () => {
  test("is put into a persistent home that has none, owned by the user and executable", async () => {
    const start = await preparePlainStart();
    expect(await start.start(["true"])).toMatchObject({ code: 0 });
    const file = join(start.persistentHome, "init.sh");
    expect(await readFile(file, "utf8")).toBe(await readFile(template, "utf8"));
    expect((await stat(file)).mode & 0o777).toBe(0o755);
    expect((await stat(file)).uid).toBe((await stat(start.persistentHome)).uid);
    expect(await readdir(start.persistentHome)).toEqual(["init.sh"]);
    expect(await start.status()).toMatchObject({ state: "succeeded", exitCode: 0 });
  });

  test("does nothing as it comes", async () => {
    const start = await preparePlainStart();
    await start.start(["true"]);
    expect(await start.log()).toBe("");
    const lines = (await readFile(template, "utf8")).split("\n");
    expect(lines.filter((line) => line !== "" && !line.startsWith("#"))).toEqual([]);
  });

  test("never replaces a file of the user's, not even an empty one", async () => {
    const start = await preparePlainStart();
    await start.writeInit("");
    await start.start(["true"]);
    expect(await readFile(join(start.persistentHome, "init.sh"), "utf8")).toBe("");
    expect(await start.status()).toMatchObject({ state: "succeeded" });
  });

  test("is written once when ten containers start together", async () => {
    const start = await preparePlainStart();
    const runs = Array.from({ length: 10 }, async (_, index) => {
      const run = join(start.root, `run-${index}`);
      await mkdir(run);
      await giveToUser(run);
      return start.start(["true"], { env: { WORKSTATION_RUN: run } });
    });
    expect((await Promise.all(runs)).map((each) => each.code)).toEqual(Array(10).fill(0));
    expect(await readdir(start.persistentHome)).toEqual(["init.sh"]);
    expect(await readFile(join(start.persistentHome, "init.sh"), "utf8")).toBe(
      await readFile(template, "utf8"),
    );
  });

  test("is not written through a link that leads nowhere; the link is named as the fault", async () => {
    const start = await preparePlainStart();
    const file = join(start.persistentHome, "init.sh");
    await symlink(join(start.home, "gone.sh"), file);
    const ended = await start.start(["echo", "ran"]);
    expect(ended).toMatchObject({ stdout: "ran\n", code: 0 });
    expect(await readlink(file)).toBe(join(start.home, "gone.sh"));
    expect(await readdir(start.home)).not.toContain("gone.sh");
    expect(await start.status()).toMatchObject({
      state: "failed",
      exitCode: 127,
      reason: "it is a link to something that does not exist",
    });
  });

  test("is left out of a persistent home that cannot be written", async () => {
    const start = await preparePlainStart();
    await chmod(start.persistentHome, 0o555);
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n", code: 0 });
    expect(await readdir(start.persistentHome)).toEqual([]);
    expect(await start.status()).toMatchObject({
      state: "skipped",
      exitCode: 0,
      reason: "there is no init.sh",
    });
  });

  test("has no place where there is no persistent home and none can be made", async () => {
    const start = await preparePlainStart();
    await rm(start.persistentHome, { recursive: true });
    await chmod(start.home, 0o555);
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n", code: 0 });
    expect(await start.status()).toMatchObject({ state: "skipped" });
  });

  test("is not left half written by a full disk", async ({ skip }) => {
    skip(!isRoot, "needs root for a small tmpfs");
    const start = await preparePlainStart();
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=777", "none", start.persistentHome]);
    try {
      await writeFile(join(start.persistentHome, "big"), Buffer.alloc(4096));
      const ended = await start.start(["echo", "ran"]);
      expect(ended).toMatchObject({ stdout: "ran\n", code: 0 });
      expect(ended.stderr).toContain("the default init.sh could not be written");
      expect(await readdir(start.persistentHome)).toEqual(["big"]);
      expect(await start.status()).toMatchObject({ state: "skipped" });
    } finally {
      execFileSync("umount", [start.persistentHome]);
    }
  });
});

describe("an init.sh as people write it", () => {
  test.each([
    ["without x bit", "echo ran here\n"],
    ["without shebang", "[[ 1 = 1 ]] && echo ran here\n"],
    ["without a newline at its end", "echo ran here"],
    ["with a shebang and an argument", "#!/bin/bash -eu\necho ran here; false; echo not here\n"],
    ["with a shebang of sh", "#! /bin/sh \necho ran here\n"],
    ["with a shebang of another language", "#!/usr/bin/env awk -f\n"],
    ["with Windows line ends", "#!/bin/bash\r\nif true; then\r\necho ran here\r\nfi\r\n"],
    ["with a Windows line end at its end", "echo ran here\r"],
    ["with one Windows line end", "echo ran here\r\nexit 0\n"],
    ["that calls exit", "echo ran here\nexit 0\necho not here\n"],
    ["with set -u", "set -u\necho ran here\necho $no_such_variable\necho not here\n"],
  ])("runs: %s", async (name, content) => {
    const start = await preparePlainStart();
    const text = name.includes("another") ? '#!/usr/bin/awk -f\nBEGIN { print "ran here" }\n' : content;
    await start.writeInit(text);
    expect(await start.start(["echo", "command"])).toMatchObject({ stdout: "command\n", code: 0 });
    expect(await start.log()).toMatch(/^ran here\n/);
    expect(await start.log()).not.toContain("not here");
  });

  test("runs as the user, in the home, with nothing on stdin", async () => {
    const start = await preparePlainStart();
    await start.writeInit("pwd; id -u; cat; whoami >/dev/null 2>&1; echo end\n");
    await start.start(["true"]);
    expect(await start.log()).toBe(`${start.home}\n${(await stat(start.home)).uid}\nend\n`);
  });

  test("leaves a file with Windows line ends as it is and says so", async () => {
    const start = await preparePlainStart();
    const content = "echo one\r\nexport A='x'\r\n";
    await start.writeInit(content);
    expect((await start.start(["true"])).stderr).toContain("Windows line ends");
    expect(await readFile(join(start.persistentHome, "init.sh"), "utf8")).toBe(content);
  });

  test("may be a link to a file", async () => {
    const start = await preparePlainStart();
    const real = join(start.persistentHome, "real.sh");
    await writeFile(real, "echo linked\n");
    await symlink("real.sh", join(start.persistentHome, "init.sh"));
    await start.start(["true"]);
    expect(await start.log()).toBe("linked\n");
    expect((await lstat(join(start.persistentHome, "init.sh"))).isSymbolicLink()).toBe(true);
  });

  test("may have a second hard link", async () => {
    const start = await preparePlainStart();
    await start.writeInit("echo twice\n");
    await link(join(start.persistentHome, "init.sh"), join(start.persistentHome, "other"));
    await start.start(["true"]);
    expect(await start.log()).toBe("twice\n");
  });
});

describe("an init.sh that cannot be run", () => {
  const file = (folder: string) => join(folder, "init.sh");
  test.each([
    ["a folder", (path: string) => mkdir(path), 126, "it is not a file"],
    ["a FIFO", async (path: string) => execFileSync("mkfifo", [path]), 126, "it is not a file"],
    ["a link to a folder", (path: string) => symlink("/usr", path), 126, "it is not a file"],
    ["a link to a device", (path: string) => symlink("/dev/zero", path), 126, "it is not a file"],
    ["a link to itself", (path: string) => symlink("init.sh", path), 127, "it is a link to something"],
    ["unreadable", (path: string) => writeFile(path, "echo no", { mode: 0 }), 126, "it cannot be read"],
    [
      "binary",
      (path: string) => writeFile(path, Buffer.from([127, 69, 76, 70, 0, 1, 2, 255, 10, 0])),
      126,
      "exit code",
    ],
    [
      "of an unknown language",
      (path: string) => writeFile(path, "#!/no/such/thing\n"),
      127,
      "/no/such/thing",
    ],
  ])("fails with its reason and does not stop the command: %s", async (_, make, exitCode, reason) => {
    const start = await preparePlainStart();
    await make(file(start.persistentHome));
    expect(await start.start(["echo", "command"])).toMatchObject({ stdout: "command\n", code: 0 });
    const status = await start.status();
    expect(status).toMatchObject({ state: "failed", exitCode });
    expect(status.reason).toContain(reason);
  });
});
