import { afterEach, expect, test } from "vitest";
import type { EngineContext } from "../context.ts";
import { type Answer, events, json, page, reset } from "../testing/scripted-api-server.ts";
import { trackScript } from "../testing/scripted-tracker.ts";
import { at, jobLabels } from "../testing/views.ts";
import { admitJobs } from "./admit.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const path = "/apis/batch/v1/namespaces/user-alice/jobs/train";

/** The Job at a version: it waits, or was let go. */
function job(version: string, suspend = true, metadata: object = {}) {
  return {
    metadata: {
      ...{ namespace: "user-alice", name: "train", labels: jobLabels, creationTimestamp: at(0) },
      ...{ uid: "u1", resourceVersion: version },
      ...metadata,
    },
    spec: { suspend, template: { spec: { containers: [{ name: "job", image: "i" }] } } },
  };
}

const status = (code: number): Answer => json({ message: `status ${code}` }, { status: code });

/** Lets the job go, which is known at version 10, with these answers to PATCH and to GET. */
async function admit(patches: readonly Answer[], gets: readonly Answer[] = [status(404)]) {
  const tracked = await trackScript({
    "GET /apis/batch/v1/jobs": [page("15", [job("10")])],
    "WATCH /apis/batch/v1/jobs": [events([])],
    "GET /api/v1/pods": [page("15", [])],
    "WATCH /api/v1/pods": [events([])],
    [`PATCH ${path}`]: patches,
    [`GET ${path}`]: gets,
  });
  ended.push(tracked[Symbol.asyncDispose]);
  const { server, connection, site, faults, report, tracker } = tracked;
  const spec = tracker.find("id-1")?.spec;
  if (spec === undefined) throw new Error("the tracker knows the job");
  const context = { connection, site, tracker, report, instance: "main", resourcesAt: "admission" } as const;
  const rest = { goingNow: new Set<string>(), flavors: () => [] };
  const slots: string[] = [];
  const answers = await admitJobs(
    { ...context, ...rest } as unknown as EngineContext,
    async (_, held) => {
      slots.push(...held.map(({ resourceVersion }) => resourceVersion));
      return held;
    },
    [{ spec, resources: { cores: 1, memoryBytes: 1e9 } }],
  );
  const sent = server.of(`PATCH ${path}`).map(({ body }) => JSON.parse(body));
  return { answer: answers.get("id-1"), sent, slots, faults };
}

test("one request in the version that was known lets a job go", async () => {
  const { answer, sent, slots } = await admit([json(job("11", false))]);
  expect(answer).toEqual({ outcome: "admitted" });
  expect(sent).toMatchObject([{ metadata: { resourceVersion: "10" }, spec: { suspend: false } }]);
  expect(slots).toEqual(["10"]);
});

test("where the answer is lost the job is read back: it was let go, and is asked for no more", async () => {
  const { answer, sent } = await admit([reset], [json(job("11", false))]);
  expect([answer, sent.length]).toEqual([{ outcome: "admitted" }, 1]);
});

test("where the request was lost it is sent again in the same version, and not without end", async () => {
  const { answer, sent } = await admit([reset, json(job("11", false))], [json(job("10"))]);
  expect([answer, sent.length]).toEqual([{ outcome: "admitted" }, 2]);
  const never = await admit([status(500)], [json(job("10"))]);
  expect(never.answer).toEqual({ outcome: "unknown", message: "status 500" });
  expect(never.sent.map(({ metadata }) => metadata.resourceVersion)).toEqual(["10", "10", "10"]);
});

test("a request that was carried out late, after it was sent again, let the job go all the same", async () => {
  const { answer } = await admit([reset, status(409)], [json(job("10")), json(job("11", false))]);
  expect(answer).toEqual({ outcome: "admitted" });
});

test("a job that changed meanwhile, and waits still, is decided on anew with what it is now", async () => {
  const { answer, sent, slots } = await admit([status(409), json(job("13", false))], [json(job("12"))]);
  expect(answer).toEqual({ outcome: "admitted" });
  expect(sent.map(({ metadata }) => metadata.resourceVersion)).toEqual(["10", "12"]);
  expect(slots).toEqual(["10", "12"]);
});

test.each<[string, Answer]>([
  ["let go by another", json(job("12", false))],
  [
    "stopped",
    json(job("12", true, { annotations: { "workstation.job.stop": `{"by":"user","at":"${at(1)}"}` } })),
  ],
  ["being deleted", json(job("12", true, { deletionTimestamp: at(1) }))],
])("a job that was %s meanwhile is another's to decide on", async (_, now) => {
  const { answer, sent } = await admit([status(409)], [now]);
  expect([answer, sent.length]).toEqual([{ outcome: "conflict" }, 1]);
});

test.each([
  ["before the request", [status(404)], [status(404)]],
  ["while its answer was lost", [reset], [status(404)]],
  ["and there is another of its name", [reset], [json(job("12", true, { uid: "u2", labels: {} }))]],
])("a job that is gone %s is not looked for again", async (_, patches, gets) => {
  expect((await admit(patches, gets)).answer).toEqual({ outcome: "gone" });
});

test.each([401, 403, 429])("what may pass (%i) ends no job", async (code) => {
  const busy = json({ message: `status ${code}` }, { status: code, headers: { "retry-after": "0.01" } });
  const { answer, sent } = await admit([busy]);
  expect(answer).toEqual({ outcome: "unknown", message: `status ${code}` });
  expect(sent.every(({ spec }) => spec !== undefined)).toBe(true);
});

test("one that the API server will never let go is stopped, with its words, so that it holds up nobody", async () => {
  const { answer, sent } = await admit([status(422), json(job("12"))]);
  expect(answer).toEqual({ outcome: "failed", message: "status 422" });
  const stop = JSON.parse(sent[1].metadata.annotations["workstation.job.stop"]);
  expect(stop).toMatchObject({ by: "startTimeout", why: "status 422" });
});

test("where that cannot be written it has not failed yet", async () => {
  const { answer, faults } = await admit([status(422), status(403)]);
  expect(answer).toEqual({ outcome: "unknown", message: "status 422" });
  expect(faults).toMatchObject([{ status: 403 }]);
});
