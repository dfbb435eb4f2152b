import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter } from "@workstation/cli";
import { connectDocker, listContainers, listNetworks } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { expect, onTestFinished, test, vi } from "vitest";
import { testImage } from "./test-image.ts";

const repository = join(import.meta.dirname, "../../../..");

/** An image test that leaves a container and a network behind unless it is swept. */
const hangingTest = `
import { writeFileSync } from "node:fs";
import { createIsolatedNetwork } from "@workstation/docker";
import { connection, startContainer, testRun } from "@workstation/images/test";
import { test } from "vitest";
test("hangs", async () => {
  await createIsolatedNetwork(await connection(), testRun, { "${imageLabels.testRun}": testRun });
  await startContainer(["sleep", "600"], { image: "workstation-base:debian-12" });
  writeFileSync("started", testRun);
  await new Promise(() => {});
});
`;

test("a test run that is stopped leaves no container and no network behind", async () => {
  const root = await makeProjectWithTest();
  const stop = new AbortController();
  const run = testImage(
    { reference: "workstation-base:debian-12", layers: ["low"], variant: "cpu", kind: "batch" },
    {
      root,
      local: join(root, ".local"),
      reporter: createReporter({ write: () => {} }),
      signal: stop.signal,
    },
  );
  const ended = expect(run).rejects.toThrow("stopped by the user");
  const started = join(root, "started");
  await vi.waitUntil(() => existsSync(started), { timeout: 120_000, interval: 50 });
  const name = readFileSync(started, "utf8");
  const docker = await connectDocker();
  const containers = () => listContainers(docker, `${imageLabels.testRun}=${name}`);
  expect(await containers()).toHaveLength(1);
  stop.abort(new Error("stopped by the user"));
  await ended;
  expect(await containers()).toEqual([]);
  expect((await listNetworks(docker)).filter((network) => network.name === name)).toEqual([]);
});

async function makeProjectWithTest(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "workstation-sweep-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  for (const file of ["package.json", "vitest.config.ts", "scripts/test-parts/results-reporter.ts"]) {
    cpSync(join(repository, file), join(root, file));
  }
  await mkdir(join(root, "images/low"), { recursive: true });
  writeFileSync(join(root, "images/low/low.test.ts"), hangingTest);
  return root;
}
