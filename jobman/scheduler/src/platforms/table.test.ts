import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { spawnAndWait } from "../testing/spawn-and-wait.ts";

const bin = fileURLToPath(new URL("../../bin/jobman-scheduler.js", import.meta.url));
const inFolder = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

/** Says at the end of the process whether Docker's client was loaded. */
const witness = `data:text/javascript,${encodeURIComponent(`
  import { createRequire } from "node:module";
  const { cache } = createRequire("/");
  process.on("exit", () => console.error(Object.keys(cache).some((file) => /dockerode/.test(file)) ? "LOADED" : "NOT LOADED"));
`)}`;

const run = (...argv: readonly string[]) => spawnAndWait(process.execPath, ["--import", witness, ...argv]);

test.each([
  ["its help", [bin, "--help"]],
  ["the status", [bin, "status", "--run", "/nonexistent", "--state", "/nonexistent"]],
  ["a place that there is not", [bin, "serve", "--engine", "abacus"]],
  ["the scheduler's own code", [inFolder("scheduler.ts")]],
])("nothing of Docker is loaded for %s", async (_, argv) => {
  expect((await run(...argv)).stderr).toMatch(/^NOT LOADED$/m);
});

test("Docker's client is loaded for Docker", async () => {
  const nowhere = ["--docker-host", "unix:///nonexistent.sock", "--state", tmpdir(), "--run", tmpdir()];
  expect((await run(bin, "serve", "--engine", "docker", ...nowhere)).stderr).toMatch(/^LOADED$/m);
});
