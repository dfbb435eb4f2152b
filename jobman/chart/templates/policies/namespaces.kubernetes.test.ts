import type { Ask } from "@workstation/cluster";
import { describe, expect, test } from "vitest";
import { applyManifests } from "../../src/testing/apply.ts";
import { jobOf } from "../../src/testing/job.ts";
import { queueJob } from "../../src/testing/queued-jobs.ts";
import { giveEverything, rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const merge = { "content-type": "application/merge-patch+json" };
const core = "/api/v1/namespaces/user-anna";

describe.skipIf(obstacle !== undefined)(
  `the namespace of a user who may do everything in it ${obstacle ?? ""}`,
  () => {
    const rules = useRules();

    const refused = async (asked: Parameters<Ask>[0], said: string, ask: Ask = rules().anna) => {
      const answer = await ask(asked);
      expect(answer.status, answer.text).toBeOneOf([403, 422]);
      expect(answer.text).toContain(said);
    };

    test.each<[string, object]>([
      ["whose it is", { labels: { "workstation.user": "bob" } }],
      ["that its jobs are the queue's", { labels: { "workstation.managed": null } }],
      ["as whom its jobs run", { annotations: { "workstation.uid": "20002" } }],
      ["which datasets were granted", { annotations: { "workstation.datasets": "heart,lung,brain" } }],
      ["how its pods are secured", { labels: { "pod-security.kubernetes.io/enforce": "privileged" } }],
      ["anything else", { labels: { mine: "yes" } }],
    ])("keeps %s", async (_, metadata) => {
      await refused(
        { method: "PATCH", path: core, headers: merge, body: { metadata } },
        "only operators change it",
      );
    });

    test("is not deleted, finalized or given another status by its user", async () => {
      await refused({ method: "DELETE", path: core }, "only operators");
      const body = { metadata: { name: "user-anna" }, spec: { finalizers: [] } };
      await refused({ method: "PUT", path: `${core}/finalize`, body }, "only operators");
    });

    test("is not one that somebody made who may make namespaces", async () => {
      const maker = await makerOfNamespaces(rules().administrator, rules().controlPlane.askAs);
      const make = (name: string, metadata: object) => ({
        method: "POST",
        path: "/api/v1/namespaces",
        body: { metadata: { name, ...metadata } },
      });
      await refused(
        make("user-carl", { labels: { "workstation.managed": "true", "workstation.user": "carl" } }),
        "only operators make",
        maker,
      );
      await refused(
        make("user-carl", { annotations: { "workstation.uid": "0" } }),
        "only operators make",
        maker,
      );
      expect((await maker(make("plain", {}))).status).toBe(201);
      const labels = { "workstation.managed": "true" };
      await refused(
        { method: "PATCH", path: "/api/v1/namespaces/plain", headers: merge, body: { metadata: { labels } } },
        "only operators make",
        maker,
      );
    });

    test.each<[string, string, object]>([
      [
        "a larger quota",
        `${core}/resourcequotas`,
        { metadata: { name: "more" }, spec: { hard: { pods: "100" } } },
      ],
      ["limits of its own", `${core}/limitranges`, { metadata: { name: "more" }, spec: { limits: [] } }],
      [
        "a claim on somebody's volume",
        `${core}/persistentvolumeclaims`,
        {
          metadata: { name: "more" },
          spec: {
            accessModes: ["ReadWriteMany"],
            volumeName: "home-of-bob",
            storageClassName: "",
            resources: { requests: { storage: "1Gi" } },
          },
        },
      ],
      [
        "a way out of its network",
        "/apis/networking.k8s.io/v1/namespaces/user-anna/networkpolicies",
        { metadata: { name: "open" }, spec: { podSelector: {}, policyTypes: ["Egress"], egress: [{}] } },
      ],
      [
        "a hold on the node of its job",
        "/apis/policy/v1/namespaces/user-anna/poddisruptionbudgets",
        {
          metadata: { name: "stay" },
          spec: { minAvailable: 1, selector: { matchLabels: { "workstation.kind": "job" } } },
        },
      ],
      [
        "a count of its jobs",
        `${core}/configmaps`,
        { metadata: { name: "main-active-jobs" }, data: { active: "0", allowed: "99" } },
      ],
    ])("is not given %s by its user", async (_, path, body) => {
      await refused({ method: "POST", path, body }, "are your operator's");
    });

    test.each([
      `${core}/resourcequotas/objects`,
      `${core}/limitranges/largest-flavor`,
      `${core}/persistentvolumeclaims/persistent-home`,
      "/apis/networking.k8s.io/v1/namespaces/user-anna/networkpolicies/closed",
      "/apis/rbac.authorization.k8s.io/v1/namespaces/user-anna/rolebindings/workstation-scheduler",
    ])("keeps %s", async (path) => {
      await refused({ method: "DELETE", path }, "are your operator's");
    });

    test("keeps what is its operator's when everything of a kind is deleted at once", async () => {
      const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/user-anna/rolebindings";
      await refused({ method: "DELETE", path, body: { dryRun: ["All"] } }, "are your operator's");
    });

    test("holds secrets and settings of its user's own", async () => {
      const body = { metadata: { name: "own" }, data: { a: "b" } };
      expect((await rules().anna({ method: "POST", path: `${core}/configmaps`, body })).status).toBe(201);
    });

    test("takes no job more than its user may have, once the scheduler has counted them", async () => {
      const { anna, scheduler } = rules();
      await queueJob(anna, "first");
      const count = (active: string) => ({
        metadata: { name: "main-active-jobs" },
        data: { active, allowed: "1" },
      });
      const made = await scheduler({ method: "POST", path: `${core}/configmaps`, body: count("1") });
      expect(made.status, made.text).toBe(201);
      await expect
        .poll(async () => queueJob(anna, "second").then(() => "sent", String), { timeout: 60_000 })
        .toContain("you have 1 active job(s), waiting or running, and may have 1");
      await refused({ method: "DELETE", path: `${core}/configmaps` }, "are your operator's");
      await scheduler({ method: "PUT", path: `${core}/configmaps/main-active-jobs`, body: count("0") });
      await expect
        .poll(async () => queueJob(anna, "second").then(() => "sent", String), { timeout: 60_000 })
        .toBe("sent");
    });

    test("takes jobs of nobody but the scheduler where several users share it", async () => {
      const { administrator } = rules();
      const labels = { "workstation.managed": "true" };
      await applyManifests(administrator, [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "shared", labels } },
      ] as never);
      const body = {
        metadata: { name: "x" },
        spec: {
          template: { spec: { restartPolicy: "Never", containers: [{ name: "x", image: "ubuntu-python" }] } },
        },
      };
      const path = "/apis/batch/v1/namespaces/shared/jobs";
      await refused({ method: "POST", path, body }, "belongs to no single user", administrator);
    });

    test("takes no job while nobody has said as whom it runs", async () => {
      const labels = { "workstation.managed": "true", "workstation.user": "carl" };
      const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "user-carl", labels } };
      await applyManifests(rules().administrator, [namespace]);
      await giveEverything(rules().administrator, "carl");
      const carl = await rules().controlPlane.askAs({ user: "carl" });
      const path = "/apis/batch/v1/namespaces/user-carl/jobs";
      await refused({ method: "POST", path, body: jobOf({}) }, "as whom jobs of this namespace run", carl);
    });

    test("goes with all that is in it when an operator deletes it", async () => {
      const path = "/api/v1/namespaces/user-bob";
      await rules().administrator({ method: "DELETE", path });
      await expect
        .poll(async () => (await rules().administrator({ path })).status, { timeout: 60_000 })
        .toBe(404);
    });
  },
);

describe.skipIf(obstacle !== undefined)(`the scheduler's own namespace ${obstacle ?? ""}`, () => {
  const rules = useRules();
  const maps = "/api/v1/namespaces/workstation/configmaps";

  test("holds ledgers that the scheduler writes, and rules that it does not", async () => {
    const { scheduler } = rules();
    const body = { metadata: { name: "main-slots-no-gpu" }, data: {} };
    expect((await scheduler({ method: "POST", path: maps, body })).status).toBe(201);
    const changed = { metadata: { name: "queue-rules" }, data: { "timeLimit.no-gpu": "999999" } };
    const rule = await scheduler({ method: "PUT", path: `${maps}/queue-rules`, body: changed });
    expect(rule.text).toContain("the scheduler writes its ledgers alone");
    const other = await scheduler({ method: "POST", path: maps, body: { metadata: { name: "other" } } });
    expect(other.text).toContain("the scheduler writes its ledgers alone");
    expect((await scheduler({ method: "DELETE", path: `${maps}/queue-rules` })).status).toBe(403);
  });

  test("is closed to users", async () => {
    expect((await rules().anna({ path: maps })).status).toBe(403);
  });
});

/** Somebody who may make and change namespaces, and is no operator. */
async function makerOfNamespaces(
  ask: Ask,
  askAs: (user: { readonly user: string }) => Promise<Ask>,
): Promise<Ask> {
  const rbac = "rbac.authorization.k8s.io/v1";
  await applyManifests(ask, [
    {
      apiVersion: rbac,
      kind: "ClusterRole",
      metadata: { name: "maker" },
      rules: [{ apiGroups: [""], resources: ["namespaces"], verbs: ["*"] }],
    },
    {
      apiVersion: rbac,
      kind: "ClusterRoleBinding",
      metadata: { name: "maker" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "maker" },
      subjects: [{ kind: "User", name: "maker" }],
    },
  ] as never);
  return askAs({ user: "maker" });
}
