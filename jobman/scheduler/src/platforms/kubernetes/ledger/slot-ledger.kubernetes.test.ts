import type { V1ConfigMap, V1Job, V1JobList } from "@kubernetes/client-node";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { containerLabels } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../engine.ts";
import {
  clusterUsers,
  type KubernetesFixture,
  makeKubernetesFixture,
} from "../../testing/kubernetes-fixture.ts";
import { watchEngine } from "../../testing/watcher.ts";
import { connectCluster } from "../api/connection.ts";
import { paths, withQuery } from "../api/paths.ts";
import { objectName, slotLedgerName } from "../objects/names.ts";

const obstacle = controlPlaneObstacle();

describe.skipIf(obstacle !== undefined)(`ledgers of slots on a real API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane();
  let on: KubernetesFixture;
  beforeEach(async () => {
    on = await makeKubernetesFixture(controlPlane());
  });
  afterEach(() => on.dispose());

  /** Jobs of this test that were let go, as the API server has them. */
  async function running(): Promise<readonly V1Job[]> {
    const labelSelector = `${containerLabels.instance}=${on.instance}`;
    const { items } = await on.connection.ask<V1JobList>("GET", withQuery(paths.jobs(), { labelSelector }));
    return items.filter(({ spec }) => spec?.suspend === false);
  }

  async function holdMany(count: number) {
    const requests = Array.from({ length: count }, (_, index) =>
      on.request({ owner: clusterUsers[index % clusterUsers.length] ?? "alice" }),
    );
    await Promise.all(requests.map((request) => on.engine.create(request)));
    return requests;
  }

  const outcomes = (answers: Awaited<ReturnType<Engine["admit"]>>) =>
    [...answers.values()].map(({ outcome }) => outcome).toSorted();

  test("two schedulers who both think that they lead never let more go than there are slots", async () => {
    const requests = await holdMany(12);
    const engines = [on.engine, await on.replica(), await on.replica()];
    const admitted = new Set<string>();
    const mostCycles = 20;
    // Each may find what the others changed, and is put off: one of the next cycles is its own.
    for (let cycle = 1; cycle <= mostCycles && admitted.size < 2; cycle += 1) {
      const answers = await Promise.all(
        requests.map((request, index) => engines[index % engines.length]?.admit([request]) ?? new Map()),
      );
      for (const [id, { outcome }] of answers.flatMap((each) => [...each]))
        if (outcome === "admitted") admitted.add(id);
      expect(await running()).toHaveLength(admitted.size);
    }
    expect(admitted.size).toBe(2);
    for (const engine of engines) await engine.admit(requests);
    expect(await running()).toHaveLength(2);
  });

  test("a leader that slept while another led lets nothing go any more", async () => {
    const requests = await holdMany(4);
    const [a, b, c, d] = requests;
    if (a === undefined || b === undefined || c === undefined || d === undefined)
      throw new Error("four jobs");
    const sleeper = await on.replica();
    expect(outcomes(await sleeper.admit([a]))).toEqual(["admitted"]);
    const watcher = watchEngine(on.engine);
    await watcher.phase(a.spec.id, "starting");
    expect(outcomes(await on.engine.admit([b]))).toEqual(["admitted"]);
    // Its page is the one that it wrote itself.
    expect(outcomes(await sleeper.admit([c, d]))).toEqual(["postponed", "postponed"]);
    expect(await running()).toHaveLength(2);
    await watcher.stop();
  });

  test("a slot that was given away before a crash is its job's: the next leader lets it go, and no other in its place", async () => {
    const [first, second, third] = await holdMany(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error("three jobs");
    // What a scheduler leaves that dies between its two writes.
    const job = await on.connection.ask<V1Job>(
      "GET",
      paths.job("user-alice", objectName(on.site, first.spec)),
    );
    const entry = { id: first.spec.id, namespace: "user-alice", name: job.metadata?.name };
    const body: V1ConfigMap = {
      metadata: { name: slotLedgerName(on.instance, "no-gpu"), namespace: "workstation" },
      data: { jobs: JSON.stringify({ [job.metadata?.uid ?? ""]: entry }) },
    };
    await on.connection.ask("POST", paths.configMaps("workstation"), { body });
    const next = await on.replica();
    const watcher = watchEngine(next);
    await watcher.phase(first.spec.id, "held");
    expect(outcomes(await next.admit([first, second, third]))).toEqual(["admitted", "admitted", "postponed"]);
    const names = (await running()).map(({ metadata }) => metadata?.name).toSorted();
    expect(names).toEqual([first, second].map(({ spec }) => spec.name).toSorted());
    await watcher.stop();
  });

  test("a slot of a job that the queue passes over goes to the next, and whoever gave it away cannot let that job go any more", async () => {
    const [over, second, third] = await holdMany(3);
    if (over === undefined || second === undefined || third === undefined) throw new Error("three jobs");
    const sleeper = await on.replica();
    const path = paths.job("user-alice", objectName(on.site, over.spec));
    const before = await on.connection.ask<V1Job>("GET", path);
    const body: V1ConfigMap = {
      metadata: { name: slotLedgerName(on.instance, "no-gpu"), namespace: "workstation" },
      data: {
        jobs: JSON.stringify({
          [before.metadata?.uid ?? ""]: { id: over.spec.id, namespace: "user-alice", name: over.spec.name },
        }),
      },
    };
    await on.connection.ask("POST", paths.configMaps("workstation"), { body });
    const watcher = watchEngine(on.engine);
    await watcher.phase(over.spec.id, "held");
    expect(outcomes(await on.engine.admit([second, third]))).toEqual(["admitted", "admitted"]);
    // The request that the sleeper had ready, in the version that it knew.
    const { resourceVersion } = before.metadata ?? {};
    const late = { metadata: { resourceVersion }, spec: { suspend: false } };
    await expect(on.connection.ask("PATCH", path, { body: late })).rejects.toMatchObject({ status: 409 });
    expect(outcomes(await sleeper.admit([over]))).toEqual(["postponed"]);
    expect(await running()).toHaveLength(2);
    await watcher.stop();
  });

  test("a right that is missing ends no job: it waits for the right", async () => {
    const [request] = await holdMany(1);
    if (request === undefined) throw new Error("a job");
    const kubeconfig = await controlPlane().kubeconfigFor({ user: "no-rights" });
    const powerless = await on.replica({ connection: await connectCluster(kubeconfig), flavors: () => [] });
    const answer = (await powerless.admit([request])).get(request.spec.id);
    expect(answer).toMatchObject({ outcome: "unknown", message: expect.stringContaining("no-rights") });
    expect(outcomes(await on.engine.admit([request]))).toEqual(["admitted"]);
  });

  test("what bears our labels in a namespace that is not its owner's is nobody's job", async () => {
    const { body, namespace } = foreignJob(on.instance);
    await on.connection.ask("POST", paths.jobs(namespace), { body });
    const requests = await holdMany(2);
    expect(outcomes(await on.engine.admit(requests))).toEqual(["admitted", "admitted"]);
    const watcher = watchEngine(on.engine);
    await watcher.until(() => watcher.snapshots > 0);
    expect([...watcher.jobs.values()].map(({ spec }) => spec.name)).not.toContain("foreign");
    await watcher.stop();
  });

  test("a job that somebody let go by force takes a slot, and is counted", async () => {
    const [forced, second, third] = await holdMany(3);
    if (forced === undefined || second === undefined || third === undefined) throw new Error("three jobs");
    const path = paths.job("user-alice", objectName(on.site, forced.spec));
    await on.connection.ask("PATCH", path, { body: { spec: { suspend: false } }, patch: "merge" });
    const watcher = watchEngine(on.engine);
    await watcher.phase(forced.spec.id, "starting");
    expect(await on.engine.forcedJobs()).toBe(1);
    expect(outcomes(await on.engine.admit([second, third]))).toEqual(["admitted", "postponed"]);
    await watcher.stop();
  });

  test("a job that was stopped as it waited is not let go, and its slot is another's", async () => {
    const [stopped, other] = await holdMany(2);
    if (stopped === undefined || other === undefined) throw new Error("two jobs");
    await on.engine.askStop?.([stopped.spec.id], "user");
    expect(outcomes(await on.engine.admit([stopped, other]))).toEqual(["admitted", "conflict"]);
    const watcher = watchEngine(await on.replica());
    expect(await watcher.phase(stopped.spec.id, "ended")).toMatchObject({ stopping: "user" });
    await watcher.stop();
  });
});

/** Made by somebody with rights elsewhere in the cluster. */
function foreignJob(instance: string): { readonly namespace: string; readonly body: V1Job } {
  const labels = {
    [containerLabels.instance]: instance,
    [containerLabels.kind]: "job",
    [containerLabels.owner]: "bob",
    [containerLabels.flavor]: "no-gpu",
  };
  const container = { name: "job", image: "registry.example.org/tool:1" };
  const spec = {
    template: { metadata: { labels }, spec: { restartPolicy: "Never", containers: [container] } },
  };
  return { namespace: "default", body: { metadata: { name: "foreign", labels }, spec } };
}
