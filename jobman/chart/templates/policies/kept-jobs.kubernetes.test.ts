import type { Ask } from "@workstation/cluster";
import { beforeAll, describe, expect, test } from "vitest";
import { jobsOf } from "../../src/testing/job.ts";
import { letGo, queueJob } from "../../src/testing/queued-jobs.ts";
import { rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const merge = { "content-type": "application/strategic-merge-patch+json" };

describe.skipIf(obstacle !== undefined)(
  `a Job in the queue, with no scheduler there ${obstacle ?? ""}`,
  () => {
    const rules = useRules();

    const pathOf = (name: string) => `${jobsOf("user-anna")}/${name}`;
    const patch = (ask: Ask, name: string, body: object) =>
      ask({ method: "PATCH", path: `${pathOf(name)}?dryRun=All`, headers: merge, body });
    const remove = (ask: Ask, name: string, body: object = {}) =>
      ask({ method: "DELETE", path: pathOf(name), body: { dryRun: ["All"], ...body } });

    beforeAll(async () => {
      const { anna, scheduler, administrator } = rules();
      await queueJob(anna, "waiting");
      await queueJob(anna, "running");
      await letGo(scheduler, "running");
      await queueJob(anna, "stopped");
      await administrator({
        method: "PATCH",
        path: pathOf("stopped"),
        headers: merge,
        body: { metadata: { annotations: { "workstation.job.stop": "{}" } } },
      });
    });

    const unchanged = "what a job does, uses and where it runs never changes";
    const pod = (spec: object) => ({ spec: { template: { spec } } });

    test.each<[string, string, object, string]>([
      ["starts it", "waiting", { spec: { suspend: false } }, "only the scheduler starts a job"],
      ["suspends one that was started", "running", { spec: { suspend: true } }, "cannot be suspended again"],
      [
        "gives it another flavor",
        "waiting",
        { metadata: { labels: { "workstation.job.flavor": "large-gpu" } } },
        "its flavor never change",
      ],
      [
        "takes its flavor away",
        "waiting",
        { metadata: { labels: { "workstation.job.flavor": null } } },
        "its flavor never change",
      ],
      [
        "gives it to another",
        "waiting",
        { metadata: { labels: { "workstation.job.owner": "bob" } } },
        "whose a job is",
      ],
      [
        "takes it from its queue",
        "running",
        { metadata: { labels: { "workstation.instance": "other" } } },
        "whose a job is",
      ],
      [
        "calls it another",
        "waiting",
        { metadata: { labels: { "workstation.job.id": "x" } } },
        "whose a job is",
      ],
      [
        "relabels the pod to come",
        "waiting",
        { spec: { template: { metadata: { labels: { "workstation.job.owner": "bob" } } } } },
        "whose a job is",
      ],
      [
        "lengthens it",
        "running",
        { spec: { activeDeadlineSeconds: 2_000_000 } },
        "the deadlines of a job never change",
      ],
      [
        "takes its deadline away",
        "running",
        { spec: { activeDeadlineSeconds: null } },
        "the deadlines of a job never change",
      ],
      [
        "lets it vanish at once",
        "running",
        { spec: { ttlSecondsAfterFinished: 0 } },
        "the deadlines of a job never change",
      ],
      ["makes many of it", "running", { spec: { parallelism: 2 } }, "a job is one pod"],
      ["stops counting it", "running", { spec: { parallelism: 0 } }, "a job is one pod"],
      ["has it tried again", "running", { spec: { backoffLimit: 3 } }, "a job is one pod"],
      [
        "gives it more memory",
        "waiting",
        pod({ containers: [{ name: "job", resources: { limits: { memory: "1Ti" } } }] }),
        unchanged,
      ],
      ["sends it to better nodes", "waiting", pod({ nodeSelector: { gpu: "a100" } }), unchanged],
      ["lets it tolerate taints", "waiting", pod({ tolerations: [{ operator: "Exists" }] }), unchanged],
      [
        "keeps its object",
        "running",
        { metadata: { finalizers: ["example.org/mine"] } },
        "finalizers and owners",
      ],
      [
        "has its pod left behind",
        "running",
        { metadata: { finalizers: ["orphan"] } },
        "finalizers and owners",
      ],
      [
        "marks it as stopped",
        "waiting",
        { metadata: { annotations: { "workstation.job.stop": "{}" } } },
        "begin with workstation.",
      ],
      [
        "unmarks it",
        "stopped",
        { metadata: { annotations: { "workstation.job.stop": null } } },
        "begin with workstation.",
      ],
      [
        "says what was submitted",
        "waiting",
        { metadata: { annotations: { "workstation.job.request": "{}" } } },
        "begin with workstation.",
      ],
      [
        "adds a label of ours",
        "waiting",
        { metadata: { labels: { "workstation.job.device": "x" } } },
        "begin with workstation.",
      ],
    ])("is refused to whoever %s", async (_, name, change, said) => {
      const answer = await patch(rules().anna, name, change);
      expect(answer.status, answer.text).toBeOneOf([403, 422]);
      expect(answer.json().message).toContain(said);
    });

    test("keeps the status that the cluster wrote: an end that did not come frees no slot", async () => {
      const ended = {
        status: { active: 0, ready: 0, terminating: 0, uncountedTerminatedPods: { failed: ["x"] } },
      };
      const answer = await rules().anna({
        method: "PATCH",
        path: `${pathOf("running")}/status`,
        headers: merge,
        body: ended,
      });
      expect(answer.json().message).toContain("the status of a job is written by the cluster alone");
    });

    test("may be given labels and annotations of its owner's own", async () => {
      const change = { metadata: { labels: { paper: "two" }, annotations: { note: "first try" } } };
      expect(await patch(rules().anna, "waiting", change)).toMatchObject({ status: 200 });
    });

    test.each(["Background", "Foreground"])(
      "may be deleted by its owner, its pod with it (%s)",
      async (propagationPolicy) => {
        expect(await remove(rules().anna, "running", { propagationPolicy })).toMatchObject({ status: 200 });
      },
    );

    test("may be deleted in any way while it has no pod", async () => {
      expect(await remove(rules().anna, "waiting")).toMatchObject({ status: 200 });
    });

    test.each([{ propagationPolicy: "Orphan" }, { orphanDependents: true }, {}])(
      "is not deleted without its pod (%j)",
      async (options) => {
        for (const ask of [rules().anna, rules().scheduler]) {
          expect((await remove(ask, "running", options)).json().message).toContain("is deleted with its pod");
        }
      },
    );

    test("is not deleted without its pod among all others", async () => {
      const path = jobsOf("user-anna");
      const body = { dryRun: ["All"], propagationPolicy: "Orphan" };
      const answer = await rules().anna({ method: "DELETE", path, body });
      expect(answer.json().message).toContain("is deleted with its pod");
    });

    test("is let go by the scheduler, with what its slot gives", async () => {
      const resources = { limits: { cpu: "8", memory: "64Gi" } };
      const answer = await rules().scheduler({
        method: "PATCH",
        path: `${pathOf("waiting")}?dryRun=All`,
        headers: { "content-type": "application/strategic-merge-patch+json" },
        body: {
          spec: {
            suspend: false,
            template: { spec: { nodeSelector: { gpu: "a30" }, containers: [{ name: "job", resources }] } },
          },
        },
      });
      expect(answer.status, answer.text).toBe(200);
    });

    test.each<[string, string, object, string]>([
      ["lets a stopped one go", "stopped", { spec: { suspend: false } }, "was stopped before it started"],
      ["suspends one again", "running", { spec: { suspend: true } }, "cannot be suspended again"],
      [
        "lengthens one",
        "running",
        { spec: { activeDeadlineSeconds: 2_000_000 } },
        "the deadlines of a job never change",
      ],
      [
        "gives one to another",
        "waiting",
        { metadata: { labels: { "workstation.job.owner": "bob" } } },
        "whose a job is",
      ],
    ])("is refused even to a scheduler that %s", async (_, name, change, said) => {
      expect((await patch(rules().scheduler, name, change)).json().message).toContain(said);
    });

    test("is ended by the scheduler, which brings its deadline forward", async () => {
      const sooner = { spec: { activeDeadlineSeconds: 1 } };
      expect(await patch(rules().scheduler, "running", sooner)).toMatchObject({ status: 200 });
      expect((await patch(rules().anna, "running", sooner)).json().message).toContain(
        "the deadlines of a job never change",
      );
    });

    test("may be started by force by an operator", async () => {
      expect(await patch(rules().administrator, "waiting", { spec: { suspend: false } })).toMatchObject({
        status: 200,
      });
    });
  },
);
