import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { controlPlaneObstacle } from "../programs/programs.ts";
import { startControlPlane } from "./control-plane.ts";

const obstacle = controlPlaneObstacle();
const names = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;

describe.skipIf(obstacle !== undefined)(`the end of a control plane ${obstacle ?? ""}`, () => {
  test("leaves no process and no file", async () => {
    const controlPlane = await startControlPlane();
    const pids = names.map((name) => controlPlane.process(name).pid());
    expect(pids.filter(isAlive)).toHaveLength(names.length);
    await controlPlane.stop();
    expect(pids.filter(isAlive)).toEqual([]);
    expect(existsSync(controlPlane.folder)).toBe(false);
  });

  test("is the same where the process that started it is killed", async () => {
    const script = `const { startControlPlane } = await import("${join(import.meta.dirname, "control-plane.ts")}");
      const controlPlane = await startControlPlane();
      const pids = ${JSON.stringify(names)}.map((name) => controlPlane.process(name).pid());
      console.log(JSON.stringify({ pids, folder: controlPlane.folder }));
      setInterval(() => undefined, 60_000);`;
    const starter = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(starter.stdout, "data");
    const { pids, folder } = JSON.parse(String(said));
    expect(readdirSync(folder)).toContain("kube-apiserver.log");
    starter.kill("SIGKILL");
    await expect.poll(() => pids.filter(isAlive), { timeout: 60_000 }).toEqual([]);
    await expect.poll(() => existsSync(folder), { timeout: 60_000 }).toBe(false);
  });

  test("comes at once where it cannot start, with the words of what failed", async () => {
    const serverFlags = ["--no-such-flag"];
    await expect(startControlPlane({ serverFlags })).rejects.toThrow(
      /kube-apiserver ended:[\s\S]*no-such-flag/,
    );
  });
});

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}
