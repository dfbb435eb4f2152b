import { execFileSync } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { isRoot, preparePlainStart } from "./plain-start.ts";

const soon = { WORKSTATION_INIT_TIMEOUT: "1", WORKSTATION_INIT_GRACE: "1" };
const failing = { WORKSTATION_INIT_POLICY: "fail" };

describe("the end of init.sh", () => {
  test("leaves its exit code and duration in the status; the command runs", async () => {
    const start = await preparePlainStart();
    await start.writeInit("exit 3\n");
    const { stdout, code, stderr } = await start.start(["echo", "ran"]);
    expect({ stdout, code }).toEqual({ stdout: "ran\n", code: 0 });
    expect(stderr).toContain("init.sh failed: exit code 3");
    const status = await start.status();
    expect(status).toMatchObject({ state: "failed", exitCode: 3, reason: "exit code 3" });
    expect(status.milliseconds).toBeGreaterThan(0);
    expect(status.script).toBe(join(start.persistentHome, "init.sh"));
  });

  test("with policy fail ends the container with its exit code, without the command", async () => {
    const start = await preparePlainStart();
    await start.writeInit("exit 3\n");
    const ended = await start.start(["echo", "ran"], { env: failing });
    expect(ended).toMatchObject({ stdout: "", code: 3 });
    expect(ended.stderr).toContain("the command was not run");
  });

  test("with policy fail lets the command run after success, and where there is no init.sh", async () => {
    const start = await preparePlainStart();
    expect(await start.start(["echo", "ran"], { env: failing })).toMatchObject({ stdout: "ran\n", code: 0 });
  });

  test.each([
    ["kill -KILL $$", 137],
    ["kill -KILL 0", 137],
    ["kill -TERM 0; sleep 60", 143],
  ])("by a signal is 128 + n, also when it hits the whole group: %s", async (line, exitCode) => {
    const start = await preparePlainStart();
    await start.writeInit(`${line}\n`);
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n", code: 0 });
    expect(await start.status()).toMatchObject({ state: "failed", exitCode });
  });
});

describe("an init.sh that signals its own group", () => {
  test("and goes on is waited for; its exit code arrives", async () => {
    const start = await preparePlainStart();
    await start.writeInit("trap 'sleep 0.3; echo caught; exit 5' TERM\nkill -TERM 0\n");
    expect(await start.start(["cat", join(start.run, "init.log")])).toMatchObject({ stdout: "caught\n" });
    expect(await start.status()).toMatchObject({ state: "failed", exitCode: 5 });
  });
});

describe("the time limit of init.sh", () => {
  test("ends one that hangs; the command runs", async () => {
    const start = await preparePlainStart();
    await start.writeInit("echo before\nsleep 600\necho after\n");
    const ended = await start.start(["echo", "ran"], { env: soon });
    expect(ended).toMatchObject({ stdout: "ran\n", code: 0 });
    expect(await start.log()).toBe("before\n");
    expect(await start.status()).toMatchObject({
      state: "failed",
      exitCode: 124,
      reason: "stopped at its time limit of 1 s",
    });
  });

  test("with policy fail gives the container exit code 124", async () => {
    const start = await preparePlainStart();
    await start.writeInit("sleep 600\n");
    expect(await start.start(["echo", "ran"], { env: { ...soon, ...failing } })).toMatchObject({
      stdout: "",
      code: 124,
    });
  });

  test("lets it clean up after TERM", async () => {
    const start = await preparePlainStart();
    await start.writeInit("trap 'echo cleaned; exit 0' TERM\nsleep 600 & wait\n");
    await start.start(["true"], { env: { ...soon, WORKSTATION_INIT_GRACE: "20" } });
    expect(await start.log()).toBe("cleaned\n");
  });

  test("kills one that ignores TERM, with all that it started", async () => {
    const start = await preparePlainStart();
    await start.writeInit(
      "trap '' TERM\n(while :; do sleep 1; done) &\necho $$ $!\nwhile :; do sleep 1; done\n",
    );
    await start.start(["true"], { env: soon });
    const pids = (await start.log()).trim().split(" ").map(Number);
    expect(pids).toHaveLength(2);
    expect(pids.filter(isRunning)).toEqual([]);
  });

  test.each(["0", "-1", "ten", "1e3", "9999999"])(
    "of no sense is named and the default used: %s",
    async (limit) => {
      const start = await preparePlainStart();
      const { stderr, code } = await start.start(["true"], { env: { WORKSTATION_INIT_TIMEOUT: limit } });
      expect(code).toBe(0);
      expect(stderr).toContain(`${limit} is no number of seconds`);
    },
  );
});

describe("what init.sh leaves running", () => {
  test("does not hold the command up and lives on beside it", async () => {
    const start = await preparePlainStart();
    await start.writeInit("sleep 600 &\necho $!\n");
    const started = start.launch(["sh", "-c", `kill -0 "$(cat '${start.run}/init.log')" && echo lives`]);
    expect(await started.ended).toMatchObject({ stdout: "lives\n" });
    process.kill(Number(await start.log()));
  });

  test("is not waited for when it has closed its output", async () => {
    const start = await preparePlainStart();
    await start.writeInit("sleep 600 >/dev/null 2>&1 &\necho $!\n");
    await start.start(["true"]);
    expect((await start.status()).state).toBe("succeeded");
    process.kill(Number(await start.log()));
  });

  test("may still write: to stderr and the log, never to stdout", async () => {
    const start = await preparePlainStart();
    await start.writeInit("(until [ -e go ]; do sleep 0.05; done; echo late) &\n");
    const started = start.launch(["sh", "-c", "touch ~/go; echo command; exec sleep 60"]);
    await started.wrote("stderr", "late");
    started.child.kill("SIGTERM");
    expect((await started.ended).stdout).toBe("command\n");
    expect(await start.log()).toBe("late\n");
  });
});

describe("the output of init.sh", () => {
  test("stands between two marker lines, each on a line of its own", async () => {
    const start = await preparePlainStart();
    await start.writeInit("printf 'no newline'\n");
    const { stderr } = await start.start(["true"]);
    expect(stderr).toBe(
      "workstation: ---- init.sh starts ----\nno newline\nworkstation: ---- init.sh ended ----\n",
    );
  });

  test("of any size is shown; the log keeps the first 10 MB", async () => {
    const start = await preparePlainStart();
    await start.writeInit("head -c 12000000 /dev/zero | tr '\\0' x\n");
    const { stderr, code } = await start.start(["true"]);
    expect(code).toBe(0);
    expect(stderr.match(/x/g)?.length).toBe(12_000_000);
    expect((await stat(join(start.run, "init.log"))).size).toBe(10_485_760);
  });

  test("may be any bytes", async () => {
    const start = await preparePlainStart();
    await start.writeInit("printf '\\0\\377\\n\\0'\n");
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n" });
    expect(await readFile(join(start.run, "init.log"))).toEqual(Buffer.from([0, 255, 10, 0]));
  });

  test("does not stop on a full disk", async ({ skip }) => {
    skip(!isRoot, "needs root for a small tmpfs");
    const start = await preparePlainStart();
    await start.writeInit("echo shown\nhead -c 100000 /dev/zero | tr '\\0' x\n");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=1777", "none", start.run]);
    try {
      const ended = await start.start(["echo", "ran"]);
      expect(ended).toMatchObject({ stdout: "ran\n", code: 0 });
      expect(ended.stderr).toContain("shown\n");
      expect(ended.stderr).toContain("the status of init.sh could not be written");
    } finally {
      execFileSync("umount", [start.run]);
    }
  });
});

describe("a signal while init.sh runs", () => {
  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 129],
  ] as const)("%s stops it and the container; the command is not run", async (signal, code) => {
    const start = await preparePlainStart();
    await start.writeInit("trap 'echo cleaned; exit' TERM; echo working; sleep 600 & wait\n");
    const started = start.launch(["echo", "ran"]);
    await started.wrote("stderr", "working");
    process.kill(-Number(started.child.pid), signal);
    expect(await started.ended).toMatchObject({ stdout: "", code });
    expect(await start.log()).toBe("working\ncleaned\n");
    expect(await start.status()).toMatchObject({ state: "failed", reason: "stopped with the container" });
  });

  test("ends one that ignores it within Docker's ten seconds", async () => {
    const start = await preparePlainStart();
    await start.writeInit("trap '' TERM; echo working; while :; do sleep 1; done\n");
    const started = start.launch(["echo", "ran"], { env: { WORKSTATION_INIT_GRACE: "1" } });
    await started.wrote("stderr", "working");
    started.child.kill("SIGTERM");
    expect(await started.ended).toMatchObject({ stdout: "", code: 143 });
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !execFileSync("ps", ["-o", "stat=", "-p", `${pid}`])
      .toString()
      .startsWith("Z");
  } catch {
    return false;
  }
}
