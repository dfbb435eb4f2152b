import { expect, test } from "vitest";
import { runJobman } from "../run-jobman.ts";
import { createWorld } from "../testing/captured-io.ts";
import { makeEndedJob, makeJob } from "../testing/make-job.ts";
import { json, startScriptedScheduler } from "../testing/scripted-scheduler.ts";

const escapeCode = "\u001b";

async function list(environment: Readonly<Record<string, string>>, isTerminal: boolean): Promise<string> {
  await using scheduler = await startScriptedScheduler();
  const jobs = [makeEndedJob(), makeJob({ name: "b", state: "failed", reason: "NodeLost" })];
  scheduler.on("GET /v1/jobs", json({ apiVersion: "v1", jobs }));
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket, ...environment }, { isTerminal });
  await runJobman(["list"], world.io);
  return world.stdout();
}

test("states have colours on a terminal, and columns line up all the same", async () => {
  const coloured = await list({}, true);
  expect(coloured).toContain(`${escapeCode}[32msucceeded${escapeCode}[0m`);
  expect(coloured).toContain(`${escapeCode}[31mfailed${escapeCode}[0m`);
  expect(coloured.replaceAll(new RegExp(`${escapeCode}\\[\\d+m`, "g"), "")).toBe(await list({}, false));
});

test.each([
  ["a pipe", {}, false],
  ["NO_COLOR", { NO_COLOR: "1" }, true],
  ["a dumb terminal", { TERM: "dumb" }, true],
])("there is no colour for %s", async (_, environment, isTerminal) => {
  expect(await list(environment, isTerminal)).not.toContain(escapeCode);
});
