import { describe, expect, test } from "vitest";
import { type JobParts, jobsOf } from "../../src/testing/job.ts";
import { closed, limit, schedulersJob, securityContext } from "../../src/testing/schedulers-job.ts";
import { rulesObstacle, site, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const start = site.kubernetes.startTimeout;

describe.skipIf(obstacle !== undefined)(`a Job of the scheduler's ${obstacle ?? ""}`, () => {
  const rules = useRules();

  const send = (parts: JobParts = {}) =>
    rules().scheduler({
      method: "POST",
      path: `${jobsOf("user-anna")}?dryRun=All`,
      body: schedulersJob(parts),
    });

  test("is taken as it is, and waits", async () => {
    const job = (
      await send({ labels: { "workstation.job.id": "0123456789abcdef" }, spec: { suspend: false } })
    ).json();
    expect(job.spec).toMatchObject({ suspend: true, activeDeadlineSeconds: limit + 2 * start });
    expect(job.metadata.labels["workstation.job.id"]).toBe("0123456789abcdef");
    expect(job.spec.template.spec.securityContext).toEqual(securityContext);
  });

  test.each<[string, JobParts, string]>([
    ["of an unknown flavor", { labels: { "workstation.job.flavor": "none" } }, "there is no flavor"],
    ["of another user", { labels: { "workstation.job.owner": "bob" } }, "a job in this namespace is anna's"],
    ["of nobody", { labels: { "workstation.job.owner": "" } }, "a job in this namespace is anna's"],
    ["of another instance", { labels: { "workstation.instance": "other" } }, "the queue's labels"],
    ["whose pod is not labelled", { podMetadata: { labels: {} } }, "the queue's labels"],
    [
      "that runs too long",
      { spec: { activeDeadlineSeconds: limit + 2 * start + 1 } },
      "may run for at most 28800 seconds",
    ],
    [
      "whose pod runs too long",
      { pod: { activeDeadlineSeconds: limit + start + 1 } },
      "may run for at most 28800 seconds",
    ],
    ["that ends too slowly", { pod: { terminationGracePeriodSeconds: 31 } }, "a grace period of 30"],
    [
      "that is kept too long",
      { spec: { ttlSecondsAfterFinished: 2_000_000_000 } },
      "an ended job is kept for 604800 seconds",
    ],
    ["that is tried again", { spec: { backoffLimit: 1 } }, "a job runs once"],
    ["of several pods", { spec: { parallelism: 2, completions: 2 } }, "a job is one pod"],
    ["with a token", { pod: { automountServiceAccountToken: true } }, "holds no rights in the cluster"],
    [
      "of another uid",
      { pod: { securityContext: { ...securityContext, runAsUser: 20_002 } } },
      "runs as uid 20001",
    ],
    [
      "of another gid",
      { pod: { securityContext: { ...securityContext, runAsGroup: 0 } } },
      "runs as uid 20001",
    ],
    [
      "of another group's files",
      { pod: { securityContext: { ...securityContext, fsGroup: 20_002 } } },
      "runs as uid 20001",
    ],
    [
      "of more groups",
      { pod: { securityContext: { ...securityContext, supplementalGroups: [20_002] } } },
      "and in no other group",
    ],
    [
      "whose container is another's",
      { container: { securityContext: { ...closed, runAsUser: 20_002 } } },
      "runs as uid 20001",
    ],
  ])("is refused %s", async (_, parts, said) => {
    const answer = await send(parts);
    expect(answer.status, answer.text).toBeOneOf([403, 422]);
    expect(answer.json().message).toContain(said);
  });

  test("is made where the account was bound, and nowhere else", async () => {
    const answer = await rules().scheduler({
      method: "POST",
      path: jobsOf("default"),
      body: schedulersJob(),
    });
    expect(answer).toMatchObject({ status: 403, text: expect.stringContaining("cannot create resource") });
  });
});
