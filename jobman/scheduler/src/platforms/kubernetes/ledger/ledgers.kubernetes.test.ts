import { readFileSync } from "node:fs";
import type { V1ConfigMap, V1Job, V1JobList, V1SecretList } from "@kubernetes/client-node";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { containerLabels } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../engine.ts";
import { clusterSite } from "../../testing/cluster-site.ts";
import {
  clusterUsers,
  type KubernetesFixture,
  makeKubernetesFixture,
} from "../../testing/kubernetes-fixture.ts";
import { watchEngine } from "../../testing/watcher.ts";
import { paths, withQuery } from "../api/paths.ts";
import { objectName, slotLedgerName, userLedgerPlace } from "../objects/names.ts";

const obstacle = controlPlaneObstacle();

describe.skipIf(obstacle !== undefined)(`ledgers on a real API server ${obstacle ?? ""}`, () => {
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
    const answers = await Promise.all(
      requests.map((request, index) => engines[index % engines.length]?.admit([request]) ?? new Map()),
    );
    const admitted = answers.flatMap(outcomes).filter((outcome) => outcome === "admitted");
    expect(admitted.length).toBeGreaterThan(0);
    expect(await running()).toHaveLength(admitted.length);
    expect(admitted.length).toBeLessThanOrEqual(2);
    // Whoever was put off comes in with the next cycle, as far as there is room.
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
    expect(outcomes(await next.admit([second, third]))).toEqual(["admitted", "postponed"]);
    expect(outcomes(await next.admit([first]))).toEqual(["admitted"]);
    expect(await running()).toHaveLength(2);
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

  test("the cap of active jobs holds when two schedulers take jobs of a user at once", async () => {
    await on.dispose();
    on = await makeKubernetesFixture(controlPlane(), { site: clusterSite({ cap: 3 }) });
    const engines = [on.engine, await on.replica()];
    const made = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => engines[index % 2]?.create(on.request({ owner: "bob" }))),
    );
    const refused = made.filter((each) => each.status === "rejected").map(({ reason }) => reason);
    expect(refused).toHaveLength(9);
    for (const reason of refused)
      expect(reason).toMatchObject({ code: "USER_LIMIT", message: expect.stringContaining("3 active jobs") });
    const { namespace, name } = userLedgerPlace(on.site, on.instance, "bob");
    const { data } = await on.connection.ask<V1ConfigMap>("GET", paths.configMap(namespace, name));
    expect([data?.active, data?.allowed]).toEqual(["3", "3"]);
  });

  test("a user's ledger follows what ends, also where nobody submits again", async () => {
    const request = on.request({ owner: "carol" });
    await on.engine.create(request);
    await on.engine.end(request.spec.id, { graceSeconds: 1, keep: false });
    const { namespace, name } = userLedgerPlace(on.site, on.instance, "carol");
    await expect
      .poll(
        async () =>
          (await on.connection.ask<V1ConfigMap>("GET", paths.configMap(namespace, name))).data?.active,
        {
          timeout: 10_000,
        },
      )
      .toBe("0");
  });

  test("a user's ledger is read once, and written when a job comes and when it ends", async () => {
    const began = Date.now();
    const request = on.request({ owner: "carol" });
    const watcher = watchEngine(on.engine);
    await on.engine.create(request);
    await on.engine.admit([request]);
    await watcher.phase(request.spec.id, "starting");
    const { namespace, name } = userLedgerPlace(on.site, on.instance, "carol");
    const asked = (): readonly string[] =>
      readFileSync(controlPlane().auditLog, "utf8")
        .split("\n")
        .filter((line) => line.includes('"resource":"configmaps"') && line.includes(`"${namespace}"`))
        .filter((line) => line.includes(name) || line.includes('"verb":"create"'))
        .filter((line) => Date.parse(JSON.parse(line).requestReceivedTimestamp) >= began)
        .map((line) => JSON.parse(line).verb);
    await on.engine.end(request.spec.id, { graceSeconds: 1, keep: false });
    await expect.poll(asked, { timeout: 10_000 }).toContain("update");
    expect(asked()).toEqual(["get", "create", "update"]);
    await watcher.stop();
  });

  test("a name is taken once, whichever scheduler is asked, and a job can be made again and again as itself", async () => {
    const replica = await on.replica();
    const request = on.request({ name: "train" });
    const [first, again] = await Promise.all([on.engine.create(request), replica.create(request)]);
    expect(again).toEqual(first);
    const namesake = on.request({ name: "train" });
    await expect(replica.create(namesake)).rejects.toMatchObject({ code: "NAME_TAKEN" });
    await on.engine.create(on.request({ name: "train", owner: "bob" }));
  });

  test("what a job's owner gave goes with the job, and stands nowhere else", async () => {
    const request = on.request({}, { TOKEN: "secret-value" });
    await on.engine.create(request);
    const { items } = await on.connection.ask<V1SecretList>("GET", paths.secrets("user-alice"));
    const secret = items.find(({ metadata }) => metadata?.labels?.[containerLabels.id] === request.spec.id);
    expect(Buffer.from(secret?.data?.TOKEN ?? "", "base64").toString()).toBe("secret-value");
    const job = await on.connection.ask<V1Job>(
      "GET",
      paths.job("user-alice", objectName(on.site, request.spec)),
    );
    expect(secret?.metadata?.ownerReferences?.[0]?.uid).toBe(job.metadata?.uid);
    expect(JSON.stringify(job)).not.toContain("secret-value");
  });

  test("a user without a namespace is told so, and nothing is left", async () => {
    await expect(on.engine.create(on.request({ owner: "nobody" }))).rejects.toMatchObject({
      code: "NOT_ALLOWED",
      message: "there is no namespace user-nobody for your jobs",
    });
  });
});
