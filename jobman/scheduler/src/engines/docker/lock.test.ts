import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { lockScheduler } from "./lock.ts";

const holder = { pid: 4711, user: "operator", since: "2026-01-01T00:00:00.000Z" };

describe.skipIf(process.platform !== "linux")("the lock of a scheduler", () => {
  it("is held by one, and says by whom", async () => {
    const key = { instance: "main", engineId: randomUUID() };
    const lock = await lockScheduler(key, holder);
    await expect(lockScheduler(key, { ...holder, pid: 1 })).rejects.toMatchObject({
      code: "SCHEDULER_RUNNING",
      message: expect.stringMatching(/"main".*4711.*"operator".*2026-01-01/),
    });
    await lock.release();
    await (await lockScheduler(key, holder)).release();
  });

  it("is another one for each instance and each engine", async () => {
    const key = { instance: "main", engineId: randomUUID() };
    const locks = [
      await lockScheduler(key, holder),
      await lockScheduler({ ...key, instance: "test" }, holder),
      await lockScheduler({ ...key, engineId: randomUUID() }, holder),
    ];
    for (const lock of locks) await lock.release();
  });

  it("goes with its process, also when that is killed", async () => {
    const key = { instance: "main", engineId: randomUUID() };
    const script = `
      import { lockScheduler } from ${JSON.stringify(`${import.meta.dirname}/lock.ts`)};
      await lockScheduler(${JSON.stringify(key)}, ${JSON.stringify(holder)});
      console.log("locked");
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(createInterface({ input: child.stdout }), "line");
    await expect(lockScheduler(key, holder)).rejects.toMatchObject({ code: "SCHEDULER_RUNNING" });
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    await (await lockScheduler(key, holder)).release();
  });

  it("does not keep its process alive", async () => {
    const script = `
      import { lockScheduler } from ${JSON.stringify(`${import.meta.dirname}/lock.ts`)};
      await lockScheduler({ instance: "x", engineId: ${JSON.stringify(randomUUID())} }, ${JSON.stringify(holder)});`;
    await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { timeout: 20_000 });
  });
});
