import type { Ask } from "@workstation/cluster";
import { userManifests } from "@workstation/scheduler/user-manifests";
import { beforeAll, describe, expect, test } from "vitest";
import { applyManifests } from "../../src/testing/apply.ts";
import { type JobParts, jobOf, jobsOf } from "../../src/testing/job.ts";
import { giveEverything, rulesObstacle, site, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const merge = { "content-type": "application/merge-patch+json" };
const refusal = "is for namespaces of the queue";
const labels = {
  "workstation.instance": "main",
  "workstation.kind": "job",
  "workstation.job.owner": "eve",
  "workstation.job.flavor": "no-gpu",
};

describe.skipIf(obstacle !== undefined)(
  `somebody with every right in a namespace that is not the queue's ${obstacle ?? ""}`,
  () => {
    const rules = useRules();
    /** The first is called as a user's, and belongs to none. */
    const namespaces = ["user-eve", "other"];
    let eve: Ask;
    beforeAll(async () => {
      const { administrator, controlPlane } = rules();
      for (const name of namespaces) {
        await applyManifests(administrator, [{ apiVersion: "v1", kind: "Namespace", metadata: { name } }]);
        await giveEverything(administrator, "eve", name);
      }
      eve = await controlPlane.askAs({ user: "eve" });
    });

    const make = (namespace: string, parts: JobParts) =>
      eve({ method: "POST", path: jobsOf(namespace), body: jobOf(parts) });

    test.each(namespaces)("makes jobs of the own in %s, and none of the queue's", async (namespace) => {
      const plain = await make(namespace, { name: "plain" });
      expect([plain.status, plain.json().spec.suspend]).toEqual([201, false]);
      const ours = await make(namespace, { name: "ours", labels });
      expect([ours.status, ours.text]).toEqual([422, expect.stringContaining(refusal)]);
    });

    test("makes no job one of the queue's afterwards, nor by its status", async () => {
      await make("other", { name: "later" });
      for (const part of ["", "/status"]) {
        const path = `${jobsOf("other")}/later${part}`;
        const answer = await eve({ method: "PATCH", path, headers: merge, body: { metadata: { labels } } });
        expect(answer.text).toContain(refusal);
      }
    });

    test("makes no pod one of the queue's, itself or by a job", async () => {
      const [pods, [container]] = ["/api/v1/namespaces/other/pods", jobOf({}).spec.template.spec.containers];
      const pod = (metadata: object) => ({
        method: "POST",
        path: pods,
        body: { metadata: { name: "bare", ...metadata }, spec: { containers: [container] } },
      });
      expect((await eve(pod({ labels }))).text).toContain(refusal);
      expect((await eve(pod({}))).status).toBe(201);
      const patch = { method: "PATCH", path: `${pods}/bare`, headers: merge, body: { metadata: { labels } } };
      expect((await eve(patch)).text).toContain(refusal);
      // Without labels of its own a Job has those of its pod.
      await make("other", { name: "carrier", labels: { mine: "yes" }, podMetadata: { labels } });
      const events = "/api/v1/namespaces/other/events?fieldSelector=involvedObject.name%3Dcarrier";
      await expect
        .poll(async () => (await eve({ path: events })).text, { timeout: 30_000 })
        .toContain(refusal);
    });

    test("what was the queue's before may come to its end", async () => {
      const { administrator } = rules();
      const carl = { name: "carl", uid: 20_003, gid: 20_003, datasets: [] };
      await applyManifests(administrator, userManifests(site, carl));
      const made = await administrator({ method: "POST", path: jobsOf("user-carl"), body: jobOf({}) });
      expect(made.json().metadata.labels).toMatchObject({ "workstation.kind": "job" });
      const change = (path: string, metadata: object) =>
        administrator({ method: "PATCH", path, headers: merge, body: { metadata } });
      await change("/api/v1/namespaces/user-carl", { labels: { "workstation.managed": null } });
      const changed = await change(`${jobsOf("user-carl")}/try`, { annotations: { mine: "yes" } });
      expect(changed.status, changed.text).toBe(200);
    });
  },
);
