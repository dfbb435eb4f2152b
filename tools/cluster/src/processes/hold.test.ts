import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { hold, letGo } from "./hold.ts";

test.skipIf(process.platform !== "linux")(
  "a busy process is at a stand when it is said to be held, and goes on when it is let go (Linux)",
  async () => {
    const busy = spawn("sh", ["-c", "echo busy; while :; do :; done"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    onTestFinished(() => void busy.kill("SIGKILL"));
    await once(busy.stdout, "data");
    const pid = busy.pid ?? expect.unreachable();
    const state = () => /\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
    await hold(pid);
    expect(state()).toBe("T");
    letGo(pid);
    await expect.poll(state).toBe("R");
  },
);
