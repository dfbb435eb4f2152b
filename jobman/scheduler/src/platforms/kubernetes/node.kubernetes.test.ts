import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { V1PodList } from "@kubernetes/client-node";
import { clusterObstacle } from "@workstation/cluster";
import { clusterLabels, containerLabels } from "@workstation/site";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ClusterFixture, makeClusterFixture } from "../testing/cluster-fixture.ts";
import { testImage } from "../testing/docker-fixture.ts";
import { makeKubernetesFixture } from "../testing/kubernetes-fixture.ts";
import { readLines } from "../testing/output-lines.ts";
import { type Watcher, watchEngine } from "../testing/watcher.ts";
import { paths, withQuery } from "./api/paths.ts";

const obstacle = clusterObstacle();

describe.skipIf(obstacle !== undefined)(`jobs on a node ${obstacle ?? ""}`, { timeout: 120_000 }, () => {
  let on: ClusterFixture;
  let watcher: Watcher;
  beforeAll(async () => {
    on = await makeClusterFixture();
  });
  afterAll(() => on.dispose());
  beforeEach(() => {
    watcher = watchEngine(on.engine);
  });
  afterEach(() => watcher.stop());

  async function start(script: string, parts: object = {}): Promise<string> {
    const request = on.request({ arguments: ["bash", "-c", script], ...parts });
    await on.engine.create(request);
    expect((await on.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
    return request.spec.id;
  }

  const wordsOf = async (id: string) => {
    const signal = AbortSignal.timeout(20_000);
    return (await readLines(on.engine.log(id, { follow: true, signal }))).map(({ data }) => data.trimEnd());
  };

  test("an image that cannot be pulled is told while the job waits for it, and its end gives the slot back", async () => {
    const id = await start("true", { image: "127.0.0.1:1/none:1" });
    const job = await watcher.until(() => {
      const seen = watcher.jobs.get(id);
      return seen?.startError === undefined ? undefined : seen;
    });
    expect(job.phase).toBe("starting");
    expect(job.startError).toMatch(/^its image 127\.0\.0\.1:1\/none:1 cannot be pulled: /);
    await on.engine.askStop?.([id], "startTimeout");
    await on.engine.end(id, { graceSeconds: 1, keep: true });
    expect(await watcher.phase(id, "ended")).toMatchObject({ stopping: "startTimeout" });
  });

  test("what a job writes in its persistent home stays, as its owner's", async () => {
    const id = await start("echo kept > ~/persistent-home/result; id -u");
    expect(await wordsOf(id)).toEqual(["20001"]);
    const file = join(on.homeOf("alice"), "result");
    expect([readFileSync(file, "utf8"), statSync(file).uid]).toEqual(["kept\n", 20_001]);
  });

  test("its node ends a job that no scheduler ends: TERM, grace and KILL, and what it wrote stays", async () => {
    const id = await start("trap 'echo saved' TERM; echo begun; while :; do sleep 0.1; done", {
      timeLimitSeconds: 1,
    });
    const ended = await watcher.phase(id, "ended");
    expect(ended).toMatchObject({ exitCode: 137, nodeLost: false });
    const ranMs = (ended.endedAt ?? 0) - (ended.startedAt ?? 0);
    const { startTimeout } = on.site.kubernetes;
    expect(ranMs).toBeGreaterThanOrEqual(startTimeout * 1000);
    expect(ranMs).toBeLessThan((startTimeout + 1 + on.site.limits.stopGrace + 5) * 1000);
    expect(await wordsOf(id)).toEqual(["begun", "saved"]);
  });

  test("a job whose node lost its power is told apart from one that failed", async () => {
    const id = await start("echo begun; sleep 600");
    await watcher.phase(id, "running");
    await on.cluster.node.kill();
    await on.cluster.node.start();
    const ended = await watcher.phase(id, "ended");
    expect(ended).toMatchObject({ nodeLost: true });
    expect(ended).not.toHaveProperty("exitCode");
  });

  test("how a job ended is known to a scheduler that starts when its pod is long gone", async () => {
    const id = await start("exit 7");
    const ended = await watcher.phase(id, "ended");
    expect(ended).toMatchObject({ exitCode: 7 });
    const pods = withQuery(paths.pods("user-alice"), { labelSelector: `${containerLabels.id}=${id}` });
    await on.connection.ask("DELETE", pods);
    const later = watchEngine(await on.replica());
    const seen = await later.phase(id, "ended");
    expect((await on.connection.ask<V1PodList>("GET", pods)).items).toEqual([]);
    expect(seen).toMatchObject({ exitCode: 7, nodeLost: false });
    expect(seen).not.toHaveProperty("startError");
    // Of a pod that is gone the time of its admission is known, which is a little earlier, and whole seconds.
    expect((ended.startedAt ?? 0) - (seen.startedAt ?? 0)).toBeGreaterThanOrEqual(0);
    expect((ended.startedAt ?? 0) - (seen.startedAt ?? 0)).toBeLessThan(20_000);
    await later.stop();
  });

  test("where all jobs share a namespace, two users' jobs of one name are two, each its own user's", async () => {
    const persistentHome = { claim: "home-{user}" };
    const volumes = { ...on.site.kubernetes.volumes, persistentHome };
    const kubernetes = { ...on.site.kubernetes, sharedNamespace: "jobs", volumes };
    const metadata = { name: "jobs", labels: { [clusterLabels.managed]: "true" } };
    await on.connection.ask("POST", paths.namespaces(), { body: { metadata } });
    const ids = new Map([
      ["alice", 20_001],
      ["bob", 20_002],
    ]);
    for (const [user, uid] of ids) await on.giveHome(user, { namespace: "jobs", name: `home-${user}`, uid });
    const shared = await makeKubernetesFixture(on.cluster.controlPlane, {
      site: { ...on.site, kubernetes },
      flavors: () => on.flavors,
    });
    const seen = watchEngine(shared.engine);
    const script = "id -u > ~/persistent-home/id; cat ~/persistent-home/id; exit $(( $(id -u) - 20000 ))";
    const requests = [...ids].map(([owner, uid]) => {
      const spec = { name: "train", image: testImage, owner, uid, gid: uid };
      return shared.request({ ...spec, arguments: ["bash", "-c", script] });
    });
    for (const request of requests) await shared.engine.create(request);
    await shared.engine.admit(requests);
    for (const [index, { spec }] of requests.entries()) {
      expect(await seen.phase(spec.id, "ended")).toMatchObject({ exitCode: index + 1 });
      const [line] = await readLines(
        shared.engine.log(spec.id, { follow: false, signal: AbortSignal.timeout(20_000) }),
      );
      expect(line?.data).toBe(`${20_001 + index}\n`);
      expect(readFileSync(join(on.homeOf(spec.owner), "id"), "utf8")).toBe(line?.data);
      expect(await shared.engine.lookFor?.(spec.owner, "train")).toBe(spec.id);
    }
    await seen.stop();
    await shared.dispose();
  });

  test("where a site says so, root of a job's pod is nobody on the node", async () => {
    const kubernetes = { ...on.site.kubernetes, hostUsers: false as const };
    const apart = await makeKubernetesFixture(on.cluster.controlPlane, {
      site: { ...on.site, kubernetes },
      flavors: () => on.flavors,
    });
    const request = apart.request({ image: testImage, arguments: ["cat", "/proc/self/uid_map"] });
    await apart.engine.create(request);
    await apart.engine.admit([request]);
    const signal = AbortSignal.timeout(60_000);
    const [line] = await readLines(apart.engine.log(request.spec.id, { follow: true, signal }));
    const [inside, outside] = line?.data.trim().split(/\s+/).map(Number) ?? [];
    expect(inside).toBe(0);
    expect(outside).toBeGreaterThanOrEqual(65_536);
    await apart.dispose();
  });
});
