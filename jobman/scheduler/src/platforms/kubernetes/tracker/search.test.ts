import type { V1Pod } from "@kubernetes/client-node";
import { expect, test } from "vitest";
import { ClusterError } from "../api/cluster-error.ts";
import type { JobView } from "../objects/read-job.ts";
import { at, jobView, podViews } from "../testing/views.ts";
import { createPicture, notePod } from "./job-picture.ts";
import { type SearchPlace, search, whatIsMissing } from "./search.ts";

const failed = {
  status: {
    conditions: [
      { type: "Failed", status: "True", reason: "BackoffLimitExceeded", lastTransitionTime: at(10) },
    ],
  },
};
const complete = {
  status: { conditions: [{ type: "Complete", status: "True", lastTransitionTime: at(10) }] },
};
const exited = {
  phase: "Failed",
  containerStatuses: [
    { name: "job", state: { terminated: { startedAt: at(5), finishedAt: at(9), exitCode: 7 } } },
  ],
};
const runs = {
  phase: "Running",
  containerStatuses: [{ name: "job", state: { running: { startedAt: at(5) } } }],
};

interface Scene {
  readonly job?: Parameters<typeof jobView>[0];
  readonly pod?: object;
  /** Up to which version the pods are known. */
  readonly podsAsOf?: number;
  /** What is answered, one after the other; the last again and again. */
  readonly answers?: readonly (object | Error)[];
}

function stage({ job, pod, podsAsOf = 0, answers = [] }: Scene) {
  const jobs = new Map<string, JobView>();
  const view = job === undefined ? undefined : jobView(job);
  if (view !== undefined) jobs.set(view.uid, view);
  const picture = createPicture(jobs);
  for (const each of pod === undefined ? [] : podViews(pod)) notePod(picture, each.uid, each);
  const asked: string[] = [];
  const taken: object[] = [];
  const faults: unknown[] = [];
  const place: SearchPlace = {
    picture,
    jobs: { take: (object) => taken.push(object) },
    pods: {
      take: (object) => taken.push(object),
      isAsOf: (version) => podsAsOf >= Number(version),
      synced: Promise.resolve(),
    },
    options: {
      onFault: (fault) => faults.push(fault),
      connection: {
        ask: async (_, path) => {
          const answer = answers[Math.min(asked.push(path), answers.length) - 1];
          if (answer instanceof Error) throw answer;
          return answer as never;
        },
      },
    },
  };
  return { place, asked, taken, faults };
}

test.each<[string, Scene, ReturnType<typeof whatIsMissing>]>([
  ["failed, before its pod was seen to end", { job: failed, pod: runs }, "end"],
  ["ended well, which says it all", { job: complete }, undefined],
  ["failed, as its pod", { job: failed, pod: exited }, undefined],
  ["failed, without a pod, and all pods of that time are known", { job: failed, podsAsOf: 10 }, undefined],
  ["failed, and pods are known up to a little before", { job: failed, podsAsOf: 9 }, "end"],
  ["runs", { job: { status: { active: 1 } }, pod: runs }, undefined],
  ["is not known yet, and its pod runs", { pod: runs }, "job"],
  ["is not known, and its pod is over", { pod: exited }, undefined],
])("of a job that %s it is known what is missing", (_, scene, missing) => {
  expect(whatIsMissing(stage(scene).place, "u1")).toBe(missing);
});

test("an end is looked for until the server answers: a storm makes no end without its exit code", async () => {
  const items: V1Pod[] = [{ metadata: { uid: "p1" } }];
  const storm = new ClusterError("try again later", { status: 429 });
  const { place, asked, taken, faults } = stage({ job: failed, answers: [storm, storm, { items }] });
  await search(place, "u1", "end");
  expect(asked).toHaveLength(3);
  expect(asked[0]).toContain(
    "/namespaces/user-alice/pods?labelSelector=batch.kubernetes.io%2Fcontroller-uid%3Du1",
  );
  expect(faults).toEqual([storm, storm]);
  expect(taken).toEqual(items);
});

test("a Job of a pod that is there is asked for, and one of another time is not taken for it", async () => {
  const own = { metadata: { uid: "u1" } };
  const first = stage({ pod: runs, answers: [own] });
  await search(first.place, "u1", "job");
  expect([first.asked, first.taken]).toEqual([["/apis/batch/v1/namespaces/user-alice/jobs/train"], [own]]);
  const other = stage({ pod: runs, answers: [{ metadata: { uid: "u2" } }] });
  await search(other.place, "u1", "job");
  expect(other.taken).toEqual([]);
});

test("a Job that is gone is not asked for again", async () => {
  const { place, asked, faults } = stage({
    pod: runs,
    answers: [new ClusterError("not found", { status: 404 })],
  });
  await search(place, "u1", "job");
  expect([asked.length, faults]).toEqual([1, []]);
});
