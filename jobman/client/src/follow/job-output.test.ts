import { expect, test } from "vitest";
import type { LogPiece } from "../protocol/index.ts";
import { runJobman } from "../run-jobman.ts";
import { createWorld, runCommandLine } from "../testing/captured-io.ts";
import { logRoute, startWithSubmit, submitAndWait, watchRoute } from "../testing/followed-job.ts";
import { makeEndedJob, makeLine } from "../testing/make-job.ts";
import { cutNdjson, ndjson, output, startScriptedScheduler } from "../testing/scripted-scheduler.ts";
import { createJobOutput } from "./job-output.ts";

function makeGap(number: number, gone: Partial<Extract<LogPiece, { gone: object }>["gone"]> = {}): LogPiece {
  const amount = { cause: "limit" as const, lines: 294_280, bytes: 28_000_000, keptBytes: 100e6, ...gone };
  return { time: "2026-01-02T10:00:01.000Z", gone: amount, cursor: String(number) };
}

const toldGap = "… 294,280 lines (28 MB) are gone here: the log keeps 100 MB …\n";

test.each([["logs", "job1"], ["logs", "-f", "job1"], ["logs", "-q", "job1"], submitAndWait])(
  "what is gone is one line on stderr, at its place: %j %j",
  async (...words) => {
    await using scheduler = await startWithSubmit();
    scheduler.on(watchRoute, ndjson(makeEndedJob()));
    scheduler.on(logRoute, output(makeLine(1, "a", "stderr"), makeGap(2), makeLine(3, "b\n", "stderr")));
    const run = await runCommandLine(words, scheduler.socket);
    expect(run.stderr).toContain(`a\n${toldGap}b\n`);
    expect(run.stderr.split("gone here")).toHaveLength(2);
  },
);

test.each([
  [makeGap(1, { lines: 1, bytes: 12 }), "… 1 line (12 B) is gone here: the log keeps 100 MB …\n"],
  [makeGap(1, { cause: "disk", lines: 2, bytes: 9 }), /^… 2 lines \(9 B\) are gone here: there was no room/],
  [makeGap(1, { cause: "absence", lines: 0, bytes: 0 }), /^… lines may be gone here: no scheduler ran/],
  [
    makeGap(1, { cause: "rotation", lines: 0, bytes: 0 }),
    "… lines may be gone here: the job's node has begun a new file of its log …\n",
  ],
])("says how much is gone, and why: %#", (gap, wanted) => {
  const world = createWorld();
  createJobOutput(world.io, { quiet: false }).write(gap);
  expect(world.stderr()).toMatch(wanted);
});

test("bytes that are no text reach their stream as they were written", () => {
  const written: (string | Uint8Array)[] = [];
  const { io } = createWorld();
  const stdout = { write: (data: string | Uint8Array) => written.push(data) };
  const bytes = Buffer.from([0xff, 0, 0xfe, 10]);
  const piece = { time: "", cursor: "", stream: "stdout" as const, base64: bytes.toString("base64") };
  createJobOutput({ ...io, stdout }, { quiet: true }).write(piece);
  expect(written).toEqual([bytes]);
});

test.each([{}, { isTerminal: true }, { isOneOutput: true }])(
  "a job's unfinished last line is not run into ours: %j",
  (streams) => {
    const world = createWorld({}, streams);
    const job = createJobOutput(world.io, { quiet: false });
    job.write(makeLine(1, "50 %\r"));
    job.status.write("ours\n");
    job.write(makeLine(2, "open", "stderr"));
    job.status.write("ours\n");
    job.write(makeLine(3, "whole\n"));
    job.status.write("ours\n");
    expect(world.stderr()).toBe(`${Object.keys(streams).length > 0 ? "\n" : ""}ours\nopen\nours\nours\n`);
  },
);

test.each([
  ["logs", "-q", "job1"],
  ["logs", "-q", "-f", "job1"],
])("nothing is added behind an unfinished last line when nothing is said: %j %j %j", async (...words) => {
  await using scheduler = await startWithSubmit();
  scheduler.on(watchRoute, ndjson(makeEndedJob()));
  scheduler.on(logRoute, output(makeLine(1, "out"), makeLine(2, "err", "stderr")));
  const world = createWorld({ JOBMAN_SOCKET: scheduler.socket }, { isOneOutput: true });
  expect(await runJobman(words, world.io)).toBe(0);
  expect([world.stdout(), world.stderr()]).toEqual(["out", "err"]);
});

test("a fault in the middle of an unfinished line stands on a line of its own", async () => {
  await using scheduler = await startScriptedScheduler();
  scheduler.on(logRoute, cutNdjson(makeLine(1, "open", "stderr")));
  const run = await runCommandLine(["logs", "job1"], scheduler.socket);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toMatch(/^open\n\S/);
});

test("-q leaves out the lines around the output of init.sh, and nothing else", async () => {
  await using scheduler = await startWithSubmit();
  const lines = [
    "workstation: ---- init.sh starts ----\n",
    "mine\n",
    "workstation: ---- init.sh en",
    "ded ----\nrest",
  ];
  const pieces = lines.map((text, index) => makeLine(index + 1, text, "stderr"));
  scheduler.on(watchRoute, ndjson(makeEndedJob()));
  scheduler.on(logRoute, output(...pieces));
  const [submit = "", ...rest] = submitAndWait;
  expect((await runCommandLine([submit, "-q", ...rest], scheduler.socket)).stderr).toBe("mine\nrest");
  expect((await runCommandLine(["logs", "-q", "job1"], scheduler.socket)).stderr).toBe("mine\nrest");
  expect((await runCommandLine(["logs", "job1"], scheduler.socket)).stderr).toBe(lines.join(""));
  scheduler.on(logRoute, output(makeLine(1, "workstation: --", "stderr")));
  const held = await runCommandLine([submit, "-q", ...rest], scheduler.socket);
  expect(held.stderr).toBe("workstation: --");
});
