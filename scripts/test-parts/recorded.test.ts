import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter } from "@workstation/cli";
import { expect, onTestFinished, test } from "vitest";
import { recorded } from "./recorded.ts";

test("whoever stops the tests stops what they run", async () => {
  const localFolder = mkdtempSync(join(tmpdir(), "recorded-"));
  onTestFinished(() => rmSync(localFolder, { recursive: true }));
  const stop = new AbortController();
  const context = { localFolder, signal: stop.signal, reporter: createReporter(process.stderr) };
  const pidFile = join(localFolder, "pid");
  const running = recorded(context, ["sh", "-c", `echo $$ >${pidFile}; exec sleep 60`], { part: "stopped" });
  const stopped = expect(running).rejects.toThrow("enough");
  await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, "utf8")).toMatch(/\d+\n/);
  stop.abort(new Error("enough"));
  await stopped;
  expect(existsSync(`/proc/${readFileSync(pidFile, "utf8").trim()}`)).toBe(false);
});
