import type { Ask } from "@workstation/cluster";
import { beforeAll, describe, expect, test } from "vitest";
import { letGo, queueJob } from "../../src/testing/queued-jobs.ts";
import { giveEverything, rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const merge = { "content-type": "application/strategic-merge-patch+json" };
const pods = "/api/v1/namespaces/user-anna/pods";

/** A pod that the restricted profile lets pass. */
const container = {
  name: "job",
  image: "ubuntu-python:latest",
  securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
};
const podSpec = {
  restartPolicy: "Never",
  securityContext: { runAsNonRoot: true, runAsUser: 20_001, seccompProfile: { type: "RuntimeDefault" } },
  containers: [container],
};
const template = { metadata: { labels: { app: "mine" } }, spec: podSpec };

describe.skipIf(obstacle !== undefined)(`the pod of a Job ${obstacle ?? ""}`, () => {
  const rules = useRules();
  let pod = "";

  beforeAll(async () => {
    const { anna, scheduler } = rules();
    await queueJob(anna, "running");
    pod = (await letGo(scheduler, "running")).metadata.name;
  });

  const refused = async (asked: Parameters<Ask>[0], said: string, ask: Ask = rules().anna) => {
    const answer = await ask(asked);
    expect(answer.status, answer.text).toBeOneOf([400, 403, 422]);
    expect(answer.text).toContain(said);
  };

  test("is not made by a user", async () => {
    const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "own" }, spec: podSpec };
    await refused({ method: "POST", path: pods, body }, "come from jobs of the queue");
  });

  test("is not made by a user in the name of a Job", async () => {
    const { metadata } = (await rules().anna({ path: `${pods}/${pod}` })).json();
    const { ownerReferences, labels } = metadata;
    const body = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "own", ownerReferences, labels },
      spec: podSpec,
    };
    await refused({ method: "POST", path: pods, body }, "come from jobs of the queue");
  });

  test("is made by controllers that share one account, too, and only for a Job", async () => {
    const { administrator, controlPlane } = rules();
    const account = "system:kube-controller-manager";
    await giveEverything(administrator, account, "user-anna");
    const controllers = await controlPlane.askAs({ user: account });
    const { ownerReferences } = (await administrator({ path: `${pods}/${pod}` })).json().metadata;
    const make = (metadata: object) =>
      controllers({
        method: "POST",
        path: `${pods}?dryRun=All`,
        body: { apiVersion: "v1", kind: "Pod", metadata: { name: "made", ...metadata }, spec: podSpec },
      });
    expect(await make({ ownerReferences })).toMatchObject({ status: 201 });
    expect((await make({})).text).toContain("come from jobs of the queue");
  });

  test.each<[string, object]>([
    ["leaves its Job's count", { metadata: { labels: { "job-name": null } } }],
    ["loses the mark by which its end is counted", { metadata: { finalizers: [] } }],
    ["has no owner", { metadata: { ownerReferences: null } }],
    ["has another image", { spec: { containers: [{ name: "job", image: "example.org/miner" }] } }],
    ["ends at once", { spec: { activeDeadlineSeconds: 1 } }],
  ])("is not changed by a user so that it %s", async (_, body) => {
    await refused(
      { method: "PATCH", path: `${pods}/${pod}?dryRun=All`, headers: merge, body },
      "a job's pod is not changed",
    );
  });

  test("keeps its status: a container that runs cannot be made to look ended", async () => {
    const body = { status: { phase: "Succeeded" } };
    await refused(
      { method: "PATCH", path: `${pods}/${pod}/status`, headers: merge, body },
      "a job's pod is not changed",
    );
  });

  test("is not given a second container", async () => {
    const body = { spec: { ephemeralContainers: [{ ...container, name: "more" }] } };
    await refused(
      { method: "PATCH", path: `${pods}/${pod}/ephemeralcontainers`, headers: merge, body },
      "a job's pod is not changed",
    );
  });

  test("is not made larger", async () => {
    const body = {
      spec: { containers: [{ name: "job", resources: { limits: { cpu: "8" }, requests: { cpu: "8" } } }] },
    };
    await refused(
      { method: "PATCH", path: `${pods}/${pod}/resize`, headers: merge, body },
      "a job's pod is not changed",
    );
  });

  test("is not sent to a node by hand", async () => {
    const body = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: pod },
      target: { kind: "Node", name: "gpu-1" },
    };
    await refused({ method: "POST", path: `${pods}/${pod}/binding`, body }, "a job's pod is not changed");
  });

  test("is not taken away from under its Job, at once or with grace, alone or with others", async () => {
    const said = "is not taken away from under it";
    await refused({ method: "DELETE", path: `${pods}/${pod}`, body: { gracePeriodSeconds: 0 } }, said);
    await refused({ method: "DELETE", path: `${pods}/${pod}` }, said);
    await refused({ method: "DELETE", path: pods }, said);
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod } };
    await refused({ method: "POST", path: `${pods}/${pod}/eviction`, body }, said);
  });

  test.each(["exec?command=sh&stdout=true", "attach?stdout=true", "portforward?ports=80", "proxy/"])(
    "is not entered: %s",
    async (way) => {
      await refused({ method: "POST", path: `${pods}/${pod}/${way}` }, "nobody enters a job");
    },
  );

  test.each([
    [
      "apps/v1",
      "Deployment",
      "deployments",
      {
        selector: { matchLabels: { app: "mine" } },
        template: { ...template, spec: { ...podSpec, restartPolicy: "Always" } },
      },
    ],
    [
      "apps/v1",
      "StatefulSet",
      "statefulsets",
      {
        selector: { matchLabels: { app: "mine" } },
        template: { ...template, spec: { ...podSpec, restartPolicy: "Always" } },
      },
    ],
    [
      "apps/v1",
      "DaemonSet",
      "daemonsets",
      {
        selector: { matchLabels: { app: "mine" } },
        template: { ...template, spec: { ...podSpec, restartPolicy: "Always" } },
      },
    ],
    [
      "apps/v1",
      "ReplicaSet",
      "replicasets",
      {
        selector: { matchLabels: { app: "mine" } },
        template: { ...template, spec: { ...podSpec, restartPolicy: "Always" } },
      },
    ],
    [
      "v1",
      "ReplicationController",
      "replicationcontrollers",
      { selector: { app: "mine" }, template: { ...template, spec: { ...podSpec, restartPolicy: "Always" } } },
    ],
    ["batch/v1", "CronJob", "cronjobs", { schedule: "* * * * *", jobTemplate: { spec: { template } } }],
  ])("does not come from a %s %s", async (apiVersion, kind, resource, spec) => {
    const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
    const body = { apiVersion, kind, metadata: { name: "mine" }, spec };
    await refused(
      { method: "POST", path: `${group}/namespaces/user-anna/${resource}`, body },
      `for jobs of the queue, not for ${resource}`,
    );
  });

  test("is ended by the scheduler through its deadline, and in no other way", async () => {
    const path = `${pods}/${pod}?dryRun=All`;
    const { scheduler } = rules();
    const shorter = { method: "PATCH", path, headers: merge, body: { spec: { activeDeadlineSeconds: 1 } } };
    expect(await scheduler(shorter)).toMatchObject({ status: 200 });
    const relabelled = {
      method: "PATCH",
      path,
      headers: merge,
      body: { metadata: { labels: { "workstation.job.flavor": "x" } } },
    };
    await refused(relabelled, "a job's pod is not changed", scheduler);
    await refused({ method: "DELETE", path: `${pods}/${pod}` }, "cannot delete", scheduler);
  });

  test("is made again by nobody, and goes with its Job", async () => {
    await queueJob(rules().anna, "going");
    const { metadata } = await letGo(rules().scheduler, "going");
    const path = "/apis/batch/v1/namespaces/user-anna/jobs/going";
    await rules().anna({ method: "DELETE", path, body: { propagationPolicy: "Foreground" } });
    const status = async () => (await rules().anna({ path: `${pods}/${metadata.name}` })).status;
    await expect.poll(status, { timeout: 60_000 }).toBe(404);
  });

  test("may be deleted by an operator", async () => {
    const answer = await rules().administrator({ method: "DELETE", path: `${pods}/${pod}?dryRun=All` });
    expect(answer.status).toBe(200);
  });
});
