import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { privateDaemonObstacle } from "./private-daemon.ts";

const obstacle = privateDaemonObstacle();
const folder = mkdtempSync(join(tmpdir(), "workstation-killed-"));

afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

describe.skipIf(obstacle !== undefined)(`a private engine ${obstacle ?? ""}`, () => {
  test("ends with its test, also when that is killed", async () => {
    const script = `const { makePrivateDaemon } = await import("${import.meta.dirname}/private-daemon.ts");
      console.log((await makePrivateDaemon()).networkNamespace());
      setInterval(() => undefined, 60_000);`;
    const maker = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, TMPDIR: folder },
    });
    const [namespace] = await once(maker.stdout, "data");
    const engine = String(namespace).trim().replace("/ns/net", "");
    expect(existsSync(engine)).toBe(true);
    maker.kill("SIGKILL");
    await expect.poll(() => existsSync(engine), { timeout: 30_000 }).toBe(false);
  });
});
