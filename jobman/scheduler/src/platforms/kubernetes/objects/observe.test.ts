import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { clusterAnnotations, containerLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { observeJob } from "./observe.ts";
import { readJob } from "./read-job.ts";
import { readPod } from "./read-pod.ts";

const site = clusterSite();
const labels = {
  [containerLabels.instance]: "main",
  [containerLabels.kind]: "job",
  [containerLabels.id]: "id-1",
  [containerLabels.owner]: "alice",
  [containerLabels.flavor]: "no-gpu",
};
const created = "2026-01-01T00:00:00Z";
const at = (seconds: number) => `2026-01-01T00:00:${String(seconds).padStart(2, "0")}Z`;
const ms = (seconds: number) => Date.parse(at(seconds));

function job(parts: { spec?: object; status?: object; metadata?: object } = {}) {
  const whole = {
    metadata: {
      uid: "u1",
      resourceVersion: "10",
      name: "train",
      namespace: "user-alice",
      creationTimestamp: created,
      labels,
      ...parts.metadata,
    },
    spec: {
      suspend: false,
      template: { spec: { containers: [{ name: "job", image: "i" }] } },
      ...parts.spec,
    },
    status: parts.status ?? {},
  };
  return readJob(whole as unknown as V1Job, { instance: "main", site });
}

function pod(status: object, metadata: object = {}) {
  const whole = {
    metadata: {
      uid: "p1",
      resourceVersion: "11",
      name: "train-abc",
      namespace: "user-alice",
      labels,
      ownerReferences: [{ kind: "Job", name: "train", uid: "u1", apiVersion: "batch/v1" }],
      ...metadata,
    },
    spec: { containers: [{ name: "job", image: "registry.example.org/x:1" }] },
    status,
  };
  const view = readPod(whole as unknown as V1Pod, { instance: "main", site });
  return view === undefined ? [] : [view];
}

const runs = {
  phase: "Running",
  containerStatuses: [{ name: "job", state: { running: { startedAt: at(5) } } }],
};
const exited = (parts: object, status: object = {}) => ({
  phase: "Failed",
  containerStatuses: [
    { name: "job", state: { terminated: { startedAt: at(5), finishedAt: at(9), exitCode: 1, ...parts } } },
  ],
  ...status,
});
const failed = {
  conditions: [
    { type: "Failed", status: "True", reason: "BackoffLimitExceeded", lastTransitionTime: at(10) },
  ],
};
const complete = { conditions: [{ type: "Complete", status: "True", lastTransitionTime: at(10) }] };
const stopMark = { annotations: { [clusterAnnotations.stop]: JSON.stringify({ by: "user", at: at(3) }) } };

test.each([
  ["waits", job({ spec: { suspend: true } }), [], { phase: "held" }],
  [
    "was stopped as it waited",
    job({ spec: { suspend: true }, metadata: stopMark }),
    [],
    { phase: "ended", stopping: "user", endedAt: ms(3) },
  ],
  [
    "was let go",
    job({ status: { startTime: at(1), active: 1 } }),
    [],
    { phase: "starting", admittedAt: ms(1) },
  ],
  [
    "has no node that has room",
    job({ status: { startTime: at(1), active: 1 } }),
    pod({ phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message: "0/3 nodes" }] }),
    { phase: "starting", admittedAt: ms(1), startError: "no node has room for it: 0/3 nodes" },
  ],
  [
    "has an image that is not there",
    job({ status: { active: 1 } }),
    pod({
      phase: "Pending",
      containerStatuses: [
        { name: "job", state: { waiting: { reason: "ImagePullBackOff", message: "not found" } } },
      ],
    }),
    { phase: "starting", startError: "its image registry.example.org/x:1 cannot be pulled: not found" },
  ],
  [
    "is made ready as usual",
    job({ status: { active: 1 } }),
    pod({
      phase: "Pending",
      containerStatuses: [{ name: "job", state: { waiting: { reason: "ContainerCreating" } } }],
    }),
    { phase: "starting" },
  ],
  ["runs", job({ status: { active: 1 } }), pod(runs), { phase: "running", startedAt: ms(5) }],
  [
    "ended, and its pod counts still",
    job({ status: { ...failed, terminating: 1 } }),
    pod(exited({})),
    { phase: "running", startedAt: ms(5) },
  ],
  [
    "ended by itself",
    job({ status: failed }),
    pod(exited({ exitCode: 7 })),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 7, outOfMemory: false, nodeLost: false },
  ],
  [
    "ended well, and its pod is gone",
    job({ status: complete }),
    [],
    { phase: "ended", endedAt: ms(10), exitCode: 0, outOfMemory: false, nodeLost: false },
  ],
  [
    "failed, and its pod is gone",
    job({ status: failed }),
    [],
    { phase: "ended", endedAt: ms(10), outOfMemory: false, nodeLost: false },
  ],
  [
    "was killed for memory",
    job({ status: failed }),
    pod(exited({ exitCode: 137, reason: "OOMKilled" })),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 137, outOfMemory: true, nodeLost: false },
  ],
  [
    "lost its node",
    job({ status: failed }),
    pod(
      exited(
        { exitCode: 137 },
        { conditions: [{ type: "DisruptionTarget", status: "True", reason: "DeletionByTaintManager" }] },
      ),
    ),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 137, outOfMemory: false, nodeLost: true },
  ],
  [
    "was gone when its node came back",
    job({ status: failed }),
    pod(exited({ exitCode: 255, reason: "Unknown" })),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), outOfMemory: false, nodeLost: true },
  ],
  [
    "has a command that is not there",
    job({ status: failed }),
    pod({
      phase: "Failed",
      containerStatuses: [
        {
          name: "job",
          state: {
            terminated: {
              startedAt: "1970-01-01T00:00:00Z",
              finishedAt: at(6),
              exitCode: 128,
              reason: "StartError",
              message: "no such file",
            },
          },
        },
      ],
    }),
    { phase: "ended", endedAt: ms(6), outOfMemory: false, nodeLost: false, startError: "no such file" },
  ],
  [
    "is being deleted as it waits",
    job({ spec: { suspend: true }, metadata: { deletionTimestamp: at(3) } }),
    [],
    { phase: "ended" },
  ],
  [
    "was put back by force, and its pod runs on",
    job({ spec: { suspend: true }, status: { active: 1 } }),
    pod(runs),
    { phase: "running", startedAt: ms(5) },
  ],
])("a Job that %s is told so", (_, view, pods, wanted) => {
  const { spec, ...facts } = observeJob(view, pods) ?? { spec: undefined };
  expect(spec?.id).toBe("id-1");
  expect(facts).toEqual(wanted);
});

test("a pod whose Job is gone takes its slot, until it is over", () => {
  expect(observeJob(undefined, pod(runs))).toMatchObject({
    phase: "running",
    spec: { id: "id-1", owner: "alice", flavor: "no-gpu" },
  });
  expect(observeJob(undefined, pod(exited({})))).toBeUndefined();
});

test("what is another instance's, or no job, or not in its owner's namespace, is not seen", () => {
  expect(job({ metadata: { namespace: "default" } })).toBeUndefined();
  expect(pod(runs, { namespace: "user-mallory" })).toEqual([]);
  expect(job({ metadata: { labels: { ...labels, [containerLabels.instance]: "other" } } })).toBeUndefined();
  expect(pod(runs, { labels: {} })).toEqual([]);
});

test("the order of a queue is that of the API server's seconds, then the scheduler's milliseconds; a Job by hand is last in its second", () => {
  const request = (submittedAt: number) => ({
    annotations: {
      [clusterAnnotations.request]: JSON.stringify({
        ...{
          id: "id-1",
          name: "train",
          owner: "mallory",
          uid: 20_001,
          gid: 20_001,
          image: "other",
          flavor: "small-gpu",
        },
        ...{ exact: false, annotations: {}, datasets: [], timeLimitSeconds: 60, submittedAt },
      }),
    },
  });
  // The scheduler's clock is a minute off: it orders within the second alone.
  const early = job({ metadata: request(ms(0) + 60_250) });
  expect(early?.spec.sequence).toBe(ms(0) + 250);
  expect(job({ metadata: request(ms(0) - 1) })?.spec.sequence).toBe(ms(0) + 999);
  expect(job()?.spec.sequence).toBe(ms(0) + 999);
  // What policies vouch for stands above what an annotation says.
  expect(early?.spec).toMatchObject({ owner: "alice", flavor: "no-gpu", image: "i", timeLimitSeconds: 60 });
});
