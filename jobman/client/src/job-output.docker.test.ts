import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { makeSchedulerProcess, type SchedulerProcess } from "@workstation/scheduler/testing";
import { userSocket } from "@workstation/site";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type BundledJobman, bundleJobman, machineNode } from "./testing/bundled-jobman.ts";

let scheduler: SchedulerProcess;
let jobman: BundledJobman;
let node: string;

beforeAll(async () => {
  [scheduler, jobman, node] = await Promise.all([makeSchedulerProcess(), bundleJobman(), machineNode()]);
  await scheduler.addUsers(["anna"]);
  await scheduler.start();
}, 120_000);
afterAll(async () => {
  await scheduler.dispose();
  await jobman[Symbol.asyncDispose]();
});

/** The real command, its output as bytes; `heard` is told of each part of stdout as it comes. */
function start(words: readonly string[], heard: (part: Buffer) => void) {
  const { socket } = userSocket(scheduler.run, "anna");
  const child = spawn(node, [jobman.entry, ...words], { env: { JOBMAN_SOCKET: socket } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stderr = "";
  child.stdout.on("data", heard);
  child.stderr.on("data", (part) => {
    stderr += String(part);
  });
  return new Promise<{ readonly code: number | null; readonly stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, stderr }));
  });
}

function waitFor(script: string): readonly string[] {
  return ["submit", "--wait", "-r", "no-gpu", "--", "bash", "-c", script];
}

/** Counts lines that are numbers from 1 on, and what is missing between them. */
function createCounter() {
  const count = { lines: 0, skipped: 0, wrong: 0 };
  let rest = "";
  let last = 0;
  const take = (part: Buffer): void => {
    const lines = (rest + part.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const number = Number(line);
      count.lines += 1;
      if (number > last) count.skipped += number - last - 1;
      else count.wrong += 1;
      last = number;
    }
  };
  return { count, take };
}

function saidToBeGone(stderr: string): number {
  const told = stderr.matchAll(/^… ([\d,]+) lines? \(.*\) (?:is|are) gone here: the log keeps .* …$/gm);
  return [...told].reduce((sum, match) => sum + Number(match[1]?.replaceAll(",", "")), 0);
}

test("of ten million lines all came, or what did not was said, and none twice", {
  timeout: 180_000,
}, async () => {
  const { count, take } = createCounter();
  const { code, stderr } = await start(waitFor("seq 10000000"), take);
  expect(code).toBe(0);
  expect(count.wrong).toBe(0);
  expect(count.skipped).toBe(saidToBeGone(stderr));
  expect(count.lines + count.skipped).toBe(10_000_000);
});

test("a log that is larger than what is kept begins with one line on what is gone", {
  timeout: 180_000,
}, async () => {
  const words = ["submit", "--wait", "-q", "-j", "large", "-r", "no-gpu", "--", "bash", "-c"];
  await start([...words, "seq -f %020.0f 6000000"], () => undefined);
  const { count, take } = createCounter();
  const { stderr } = await start(["logs", "large"], take);
  expect(stderr).toMatch(/^… [\d,]+ lines \(\d+ MB\) are gone here: the log keeps 100 MB …\n$/);
  expect(count.wrong).toBe(0);
  expect(count.skipped).toBe(saidToBeGone(stderr));
  expect(count.lines + count.skipped).toBe(6_000_000);
});

test("random bytes arrive with the same checksum", { timeout: 60_000 }, async () => {
  const received = createHash("sha256");
  const script = "head -c 5000000 /dev/urandom > /tmp/x; sha256sum < /tmp/x >&2; cat /tmp/x";
  const { stderr } = await start(waitFor(script), (part) => received.update(part));
  expect(stderr).toContain(received.digest("hex"));
});

test("a progress bar moves: what is written without a line end is there within 200 ms", {
  timeout: 60_000,
}, async () => {
  const delays: number[] = [];
  const script = "for i in $(seq 20); do printf '\\r%s' $(date +%s%3N); sleep 0.15; done";
  const { code } = await start(waitFor(script), (part) => {
    for (const time of part.toString().split("\r").slice(1)) delays.push(Date.now() - Number(time));
  });
  expect(code).toBe(0);
  expect(delays).toHaveLength(20);
  // The first may meet a log that is only just being opened.
  expect(delays.slice(1).toSorted((a, b) => a - b)[9]).toBeLessThan(200);
});

test("a scheduler that is killed again and again under a job that writes loses and repeats nothing", {
  timeout: 120_000,
}, async () => {
  const { count, take } = createCounter();
  const script =
    "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo $i; [ $((i % 5)) -ne 0 ] || sleep 0.01; done";
  const following = start(waitFor(script), take);
  for (const wanted of [300, 900, 1500]) {
    await expect.poll(() => count.lines, { timeout: 60_000 }).toBeGreaterThan(wanted);
    await scheduler.kill("SIGKILL");
    await scheduler.start();
  }
  const { code } = await following;
  expect([code, count]).toEqual([0, { lines: 3000, skipped: 0, wrong: 0 }]);
});
