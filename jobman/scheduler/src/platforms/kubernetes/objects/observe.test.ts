import { clusterAnnotations, containerLabels } from "@workstation/site";
import { expect, test } from "vitest";
import { at, jobView as job, jobLabels as labels, ms, podViews as pod } from "../testing/views.ts";
import { observeJob } from "./observe.ts";

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
const failedBecause = (message: string, reason = "PodFailurePolicy") => ({
  conditions: [{ type: "Failed", status: "True", reason, message, lastTransitionTime: at(10) }],
});
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
    job({ status: { startTime: at(1), ...complete } }),
    [],
    { phase: "ended", startedAt: ms(1), endedAt: ms(10), exitCode: 0, outOfMemory: false, nodeLost: false },
  ],
  [
    "failed, and its pod is gone",
    job({ status: failed }),
    [],
    { phase: "ended", endedAt: ms(10), outOfMemory: false, nodeLost: false },
  ],
  [
    "failed with a code, and its pod is gone",
    job({
      status: {
        startTime: at(2),
        ...failedBecause(
          "Container job for pod user-alice/train-abc failed with exit code 7 matching FailJob rule at index 1",
        ),
      },
    }),
    [],
    { phase: "ended", startedAt: ms(2), endedAt: ms(10), exitCode: 7, outOfMemory: false, nodeLost: false },
  ],
  [
    "was taken from its node, and its pod is gone",
    job({
      status: failedBecause(
        "Pod user-alice/train-abc has condition DisruptionTarget matching FailJob rule at index 0",
      ),
    }),
    [],
    { phase: "ended", endedAt: ms(10), outOfMemory: false, nodeLost: true },
  ],
  [
    "says an end in words that are not the policy's",
    job({
      status: failedBecause(
        "Container job for pod user-alice/train-abc failed with exit code 7 matching FailJob rule at index 1",
        "Other",
      ),
    }),
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
    "lost its pod to somebody who drains its node",
    job({ status: failed }),
    pod(exited({ exitCode: 143 }), { deletionTimestamp: at(7) }),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 143, outOfMemory: false, nodeLost: true },
  ],
  [
    "was killed for memory as its pod was being taken away",
    job({ status: failed }),
    pod(exited({ exitCode: 137, reason: "OOMKilled" }), { deletionTimestamp: at(7) }),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 137, outOfMemory: true, nodeLost: false },
  ],
  [
    "failed by itself as its pod was being taken away",
    job({ status: failed }),
    pod(exited({ exitCode: 2 }), { deletionTimestamp: at(7) }),
    { phase: "ended", startedAt: ms(5), endedAt: ms(9), exitCode: 2, outOfMemory: false, nodeLost: false },
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

test("a job whose pod is gone, and which nobody ended, did not run over its limit, however late its end was written", () => {
  const template = { spec: { containers: [{ name: "job", image: "i" }], activeDeadlineSeconds: 2 + 5 } };
  const late = {
    spec: { activeDeadlineSeconds: 2 + 10, template },
    status: { startTime: at(1), ...complete },
  };
  expect(observeJob(job(late), [])).toMatchObject({ startedAt: ms(10) - 1999, endedAt: ms(10), exitCode: 0 });
  const metadata = {
    annotations: { [clusterAnnotations.stop]: JSON.stringify({ by: "deadline", at: at(9) }) },
  };
  const stopped = { ...late, metadata, status: { startTime: at(1), ...failed } };
  expect(observeJob(job(stopped), [])).toMatchObject({ startedAt: ms(1), stopping: "deadline" });
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
