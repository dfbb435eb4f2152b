import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { claimState } from "./state-instance.ts";
import { lockState } from "./state-lock.ts";

const holder = { instance: "main", pid: 4711, user: "operator", since: "2026-01-01T00:00:00.000Z" };
let state: string;

beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), "jobman-lock-"));
});
afterEach(() => rm(state, { recursive: true, force: true }));

test("a state folder is held by one scheduler, which the next one names", async () => {
  const lock = await lockState(state, holder);
  await expect(lockState(state, { ...holder, pid: 1, instance: "other" })).rejects.toMatchObject({
    code: "SCHEDULER_RUNNING",
    message: expect.stringMatching(/"main".*4711.*"operator".*2026-01-01/),
  });
  await lock.release();
  await (await lockState(state, holder)).release();
});

test("nobody else can hold it: only its account opens the file", async () => {
  const lock = await lockState(state, holder);
  const { mode, uid } = await stat(join(state, "lock"));
  expect([mode & 0o777, uid]).toEqual([0o600, process.getuid?.()]);
  await lock.release();
});

test("each folder has its own", async () => {
  const locks = [await lockState(join(state, "a"), holder), await lockState(join(state, "b"), holder)];
  for (const lock of locks) await lock.release();
});

test("it goes with its process, also when that is killed", async () => {
  const child = lockInProcess("setInterval(() => {}, 1000);");
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(createInterface({ input: child.stdout }), "line");
  await expect(lockState(state, holder)).rejects.toMatchObject({ code: "SCHEDULER_RUNNING" });
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
  await (await lockState(state, holder)).release();
});

test("it does not keep its process alive", async () => {
  expect(await once(lockInProcess(""), "exit")).toEqual([0, null]);
});

test("the first instance that uses a folder owns it, and another is refused with the way out", async () => {
  const owner = await claimState(state, "a");
  expect(await claimState(state, "a")).toEqual(owner);
  await expect(claimState(state, "b")).rejects.toMatchObject({
    code: "STATE_OF_OTHER_INSTANCE",
    message: expect.stringMatching(/"a".*"b"/),
    hint: expect.stringContaining("--instance a"),
  });
});

function lockInProcess(then: string) {
  const script = `
    import { lockState } from ${JSON.stringify(`${import.meta.dirname}/state-lock.ts`)};
    globalThis.lock = await lockState(${JSON.stringify(state)}, ${JSON.stringify(holder)});
    console.log("locked");
    ${then}`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}
