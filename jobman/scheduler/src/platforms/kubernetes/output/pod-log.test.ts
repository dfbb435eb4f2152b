import type { LogPiece } from "@workstation/jobman/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { linesIn } from "../../testing/output-lines.ts";
import { type Answer, events, json, page, reset, text } from "../testing/scripted-api-server.ts";
import { trackScript } from "../testing/scripted-tracker.ts";
import { at, jobLabels, ms } from "../testing/views.ts";
import { readPodLog } from "./pod-log.ts";

const ended: (() => Promise<void>)[] = [];
beforeEach(() => {
  // A second after the job's start.
  vi.useFakeTimers({ toFake: ["Date"], now: ms(2) });
});
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
  vi.useRealTimers();
});

const logPath = "GET /api/v1/namespaces/user-alice/pods/train-abc/log";
const common = { namespace: "user-alice", labels: jobLabels, creationTimestamp: at(0) };
const job = {
  metadata: { ...common, uid: "u1", resourceVersion: "10", name: "train" },
  spec: { suspend: false, template: { spec: { containers: [{ name: "job", image: "i" }] } } },
  status: { active: 1, startTime: at(0) },
};

function pod(version: string, state: object, phase = "Running") {
  const ownerReferences = [{ kind: "Job", name: "train", uid: "u1", apiVersion: "batch/v1" }];
  return {
    metadata: { ...common, uid: "p1", resourceVersion: version, name: "train-abc", ownerReferences },
    spec: { containers: [{ name: "job", image: "i" }] },
    status: { phase, containerStatuses: [{ name: "job", state }] },
  };
}

const running = pod("11", { running: { startedAt: at(1) } });
const over = pod("20", { terminated: { exitCode: 0, startedAt: at(1), finishedAt: at(9) } }, "Succeeded");
const condition = { type: "Complete", status: "True", lastTransitionTime: at(10) };
const complete = {
  ...job,
  metadata: { ...job.metadata, resourceVersion: "21" },
  status: { startTime: at(0), conditions: [condition] },
};
const line = (second: number, words: string) => `${at(second).replace("Z", ".500000000Z")} ${words}\n`;

/** A job that runs, whose log is read from these answers; `end` has the cluster tell that it is over. */
async function jobWith(answers: readonly Answer[]) {
  const { promise: theEnd, resolve: end } = Promise.withResolvers<void>();
  const tracked = await trackScript({
    "GET /apis/batch/v1/jobs": [page("15", [job])],
    "WATCH /apis/batch/v1/jobs": [
      (response) => theEnd.then(() => events([{ type: "MODIFIED", object: complete }])(response)),
    ],
    "GET /api/v1/pods": [page("15", [running])],
    "WATCH /api/v1/pods": [
      (response) => theEnd.then(() => events([{ type: "MODIFIED", object: over }])(response)),
    ],
    [logPath]: answers,
  });
  const { server, faults, tracker } = tracked;
  const stopped = new AbortController();
  const isOver = () => vi.waitFor(() => expect(tracker.podOf("id-1")?.end).toBeDefined(), 10_000);
  ended.push(async () => {
    stopped.abort();
    end();
    await tracked[Symbol.asyncDispose]();
  });
  return {
    ...{ faults, stopped, end, isOver },
    logs: () => server.of(logPath).map(({ query }) => query),
    read: (parts: { readonly after?: string; readonly follow?: boolean } = {}) =>
      readPodLog(tracked, "id-1", { follow: true, ...parts, signal: stopped.signal }),
  };
}

const shown = (pieces: readonly LogPiece[]) => linesIn(pieces).map(({ data }) => data);

test("a connection that breaks in the middle of a line loses nothing and repeats nothing", async () => {
  const first = line(2, "a") + line(3, "b") + line(3, "c");
  const all = first + line(3, "d") + line(4, "e");
  const started = await jobWith([
    text(`${first}${line(3, "d").slice(0, -1)}`, "break"),
    reset,
    json({ message: "no kubelet" }, { status: 502 }),
    async (response) => {
      started.end();
      await started.isOver();
      await text(all.slice(line(2, "a").length), "end")(response);
    },
  ]);
  expect(shown(await Array.fromAsync(started.read()))).toEqual(["a\n", "b\n", "c\n", "d\n", "e\n"]);
  expect(started.logs().map((query) => query.get("sinceTime"))).toEqual([null, at(3), at(3), at(3), at(4)]);
  expect(started.faults).toMatchObject([{ status: 0 }, { status: 0 }, { status: 502 }]);
});

test("a log that the server ends while the job runs goes on; one that ends with the job is read to its end", async () => {
  const started = await jobWith([
    text(line(2, "a"), "end"),
    async (response) => {
      await text(line(2, "a") + line(3, "b"))(response);
      started.end();
      await started.isOver();
      response.end();
    },
    text(line(3, "b") + line(4, "last"), "end"),
  ]);
  expect(shown(await Array.fromAsync(started.read()))).toEqual(["a\n", "b\n", "last\n"]);
  expect(started.logs().length).toBe(3);
  expect(started.faults).toEqual([]);
});

test.each<[string, number, number, boolean]>([
  ["much, and begins late", 5, 1_000_000, true],
  ["much, and begins with the job", 1, 1_000_000, false],
  ["little, and begins late", 5, 100, false],
])("of a log that is %s it is told that an older file may be gone: %#", async (_, second, bytes, isTold) => {
  const words = Array.from({ length: bytes / 50 }, (_, index) =>
    line(second, String(index).padStart(18, "x")),
  );
  const { read } = await jobWith([text(words.join(""), "end")]);
  vi.setSystemTime(ms(59));
  const pieces = await Array.fromAsync(read({ follow: false }));
  expect(shown(pieces.filter((piece) => !("gone" in piece)))).toHaveLength(words.length);
  expect("gone" in (pieces[0] ?? {})).toBe(isTold);
  if (isTold) expect(pieces[0]).toMatchObject({ gone: { cause: "rotation" } });
});

test("a log that was there before it is followed is first read without following, which is faster, and goes on behind that", async () => {
  const started = await jobWith([
    text(line(2, "a") + line(3, "b"), "end"),
    async (response) => {
      await text(line(3, "b") + line(4, "c"))(response);
      started.end();
      await started.isOver();
      response.end();
    },
    text(line(4, "c") + line(5, "last"), "end"),
  ]);
  vi.setSystemTime(ms(59));
  expect(shown(await Array.fromAsync(started.read()))).toEqual(["a\n", "b\n", "c\n", "last\n"]);
  expect(started.logs().map((query) => [query.get("follow"), query.get("sinceTime")])).toEqual([
    [null, null],
    ["true", at(3)],
    [null, at(4)],
  ]);
});

test("what is left when a job is over is not waited for line by line", async () => {
  const started = await jobWith([
    async (response) => {
      // It goes on for hours.
      await text(line(2, "a") + line(3, "b"))(response);
      started.end();
    },
    text(line(3, "b") + line(4, "c") + line(5, "last"), "end"),
  ]);
  expect(shown(await Array.fromAsync(started.read()))).toEqual(["a\n", "b\n", "c\n", "last\n"]);
  expect(started.logs().map((query) => query.get("follow"))).toEqual(["true", null]);
  expect(started.faults).toEqual([]);
});

test("a log that is not followed is read once, from behind a cursor", async () => {
  const { read, logs } = await jobWith([text(line(2, "a") + line(2, "b"), "end")]);
  const [piece] = await Array.fromAsync(
    read({ follow: false, after: `${at(2).replace("Z", ".500000000Z")}+1` }),
  );
  expect(piece).toMatchObject({ data: "b\n" });
  expect(Object.fromEntries(logs()[0] ?? [])).toEqual({
    container: "job",
    timestamps: "true",
    sinceTime: at(2),
  });
});

test("what cannot be read is told to whoever does not wait for it", async () => {
  const { read } = await jobWith([json({ message: "no kubelet" }, { status: 502 })]);
  await expect(Array.fromAsync(read({ follow: false }))).rejects.toMatchObject({ status: 502 });
});

test("a pod that is gone has no output, unless all of it was read before", async () => {
  const nothing = json({ message: "not found" }, { status: 404 });
  const gone = await jobWith([text(line(2, "a"), "break"), nothing]);
  await expect(Array.fromAsync(gone.read())).rejects.toMatchObject({ code: "LOG_GONE" });
  const removed = await jobWith([
    async (response) => {
      await text(line(2, "a"))(response);
      removed.end();
      await removed.isOver();
      response.end();
    },
    nothing,
  ]);
  expect(shown(await Array.fromAsync(removed.read()))).toEqual(["a\n"]);
});

test("whoever goes away ends the reading", async () => {
  const { read, stopped, faults } = await jobWith([text(line(2, "a"))]);
  const pieces: LogPiece[] = [];
  for await (const piece of read()) {
    pieces.push(piece);
    stopped.abort();
  }
  expect(shown(pieces)).toEqual(["a\n"]);
  expect(faults).toEqual([]);
});
