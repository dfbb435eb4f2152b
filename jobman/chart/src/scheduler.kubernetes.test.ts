import type { Ask } from "@workstation/cluster";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { jobOf, jobsOf } from "./testing/job.ts";
import { type Replica, startReplica } from "./testing/replica.ts";
import { rulesObstacle, useRules } from "./testing/use-rules.ts";

const obstacle = rulesObstacle();

/** A desktop's token. */
async function tokenOf(ask: Ask, namespace: string): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`;
  const body = { spec: { audiences: ["jobman"], expirationSeconds: 3600 } };
  return (await ask({ method: "POST", path, body })).json().status.token;
}

describe.skipIf(obstacle !== undefined)(
  `two schedulers with the chart's account and rules ${obstacle ?? ""}`,
  () => {
    const rules = useRules();
    let replicas: Replica[];
    let [anna, bob] = ["", ""];
    beforeAll(async () => {
      const { administrator, controlPlane } = rules();
      [anna, bob] = [await tokenOf(administrator, "user-anna"), await tokenOf(administrator, "user-bob")];
      replicas = await Promise.all([startReplica(controlPlane), startReplica(controlPlane)]);
    });
    afterAll(async () => {
      await Promise.all((replicas ?? []).map((replica) => replica.kill("SIGTERM")));
    });
    const submit = (name: string) => ({ name, arguments: ["true"], image: "ubuntu-python:latest" });
    const jobOn = async (namespace: string, name: string) =>
      (await rules().administrator({ path: `${jobsOf(namespace)}/${name}` })).json();

    test("whichever takes a job, the other knows it at once, and the one that leads lets it go", async () => {
      const [a, b] = replicas as [Replica, Replica];
      const taken = await a.as(anna)("POST", "/v1/jobs", submit("train"));
      expect(taken, a.log() + b.log()).toMatchObject({ status: 201, body: { job: { name: "train" } } });
      expect(await b.as(anna)("GET", "/v1/jobs/train")).toMatchObject({ status: 200 });
      await expect
        .poll(async () => (await jobOn("user-anna", "train")).spec.suspend, { timeout: 10_000 })
        .toBe(false);
      const again = await b.as(anna)("POST", "/v1/jobs", submit("second"));
      expect(again).toMatchObject({ status: 409, body: { code: "USER_LIMIT" } });
      expect(await b.as(bob)("GET", "/v1/jobs/train")).toMatchObject({ status: 404 });
    });

    test("an image that the rules do not name is nobody's, by jobman as by kubectl", async () => {
      const [a] = replicas as [Replica, Replica];
      const wanted = { name: "other", arguments: ["true"], image: "alpine" };
      expect(await a.as(bob)("POST", "/v1/jobs", wanted)).toMatchObject({
        status: 400,
        body: { code: "UNKNOWN_IMAGE" },
      });
    });

    test("a job that was made by hand is the queue's", async () => {
      const [a] = replicas as [Replica, Replica];
      const { administrator } = rules();
      const made = await administrator({
        method: "POST",
        path: jobsOf("user-bob"),
        body: jobOf({ name: "by-hand" }),
      });
      expect(made.status, made.text).toBe(201);
      await expect
        .poll(async () => (await a.as(bob)("GET", "/v1/jobs/by-hand")).body.state, { timeout: 10_000 })
        .toBe("starting");
    });

    test("whichever is asked to stop a job, it ends, and who asked stands on it", async () => {
      const [a, b] = replicas as [Replica, Replica];
      for (const replica of [a, b]) {
        const deleted = await replica.as(anna)("DELETE", "/v1/jobs/train");
        expect(deleted, replica.log()).toMatchObject({ status: 200, body: { state: "deleted" } });
        if (replica === a) {
          const { metadata } = await jobOn("user-anna", "train");
          expect(JSON.parse(metadata.annotations["workstation.job.stop"])).toMatchObject({ by: "user" });
        }
      }
      // The cluster's garbage collector takes it away, which may look again half a minute later only.
      await expect.poll(async () => (await jobOn("user-anna", "train")).code, { timeout: 60_000 }).toBe(404);
      expect(await a.as(anna)("GET", "/v1/jobs/train")).toMatchObject({ status: 404 });
    });

    /** Resolves when a job of bob's is let go. */
    async function untilLetGo(name: string): Promise<void> {
      await expect
        .poll(async () => (await jobOn("user-bob", name)).spec?.suspend, { timeout: 60_000, interval: 50 })
        .toBe(false);
    }

    /** The one whose process holds the lease, and the others. */
    async function leaderFirst(): Promise<readonly Replica[]> {
      const lease = "/apis/coordination.k8s.io/v1/namespaces/workstation/leases/main-scheduler";
      const { holderIdentity } = (await rules().administrator({ path: lease })).json().spec;
      return replicas.toSorted(
        (a, b) => Number(b.log().includes(holderIdentity)) - Number(a.log().includes(holderIdentity)),
      );
    }

    test("one that is told to stop hands over within two seconds, one that is killed within the lease's time", async () => {
      const { controlPlane } = rules();
      await replicas[0]?.as(bob)("DELETE", "/v1/jobs/by-hand");
      for (const [signal, most] of [
        ["SIGTERM", 2000],
        ["SIGKILL", 17_000],
      ] as const) {
        const [leader, other] = await leaderFirst();
        if (leader === undefined || other === undefined) throw new Error("there are two");
        const toldAt = performance.now();
        const gone = leader.kill(signal);
        const name = `after-${signal.toLowerCase()}`;
        expect(await other.as(bob)("POST", "/v1/jobs", submit(name))).toMatchObject({ status: 201 });
        await untilLetGo(name);
        expect(performance.now() - toldAt).toBeLessThan(most);
        await gone;
        await other.as(bob)("DELETE", `/v1/jobs/${name}`);
        replicas = [other, await startReplica(controlPlane)];
      }
    });
  },
);
