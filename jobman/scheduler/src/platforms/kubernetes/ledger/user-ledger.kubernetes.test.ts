import { readFileSync } from "node:fs";
import type { V1ConfigMap, V1Job, V1SecretList } from "@kubernetes/client-node";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { containerLabels } from "@workstation/site";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { type KubernetesFixture, makeKubernetesFixture } from "../../testing/kubernetes-fixture.ts";
import { watchEngine } from "../../testing/watcher.ts";
import { paths } from "../api/paths.ts";
import { objectName, userLedgerPlace } from "../objects/names.ts";

const obstacle = controlPlaneObstacle();

describe.skipIf(obstacle !== undefined)(`ledgers of users on a real API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane();
  let on: KubernetesFixture;
  beforeEach(async () => {
    on = await makeKubernetesFixture(controlPlane());
  });
  afterEach(() => on.dispose());

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

  test("an entry of a scheduler whose clock is wrong counts, and one whose job was never made is dropped in the end", async () => {
    await on.dispose();
    on = await makeKubernetesFixture(controlPlane(), { site: clusterSite({ cap: 1 }) });
    const owner = "dave";
    const { namespace, name } = userLedgerPlace(on.site, on.instance, owner);
    const entry = (job: string) => ({ name: job, flavor: "no-gpu", at: Date.now() + 3_600_000 });
    const body: V1ConfigMap = {
      metadata: { name, namespace },
      data: { active: "1", allowed: "1", jobs: JSON.stringify({ other: entry("other") }) },
    };
    await on.connection.ask("POST", paths.configMaps(namespace), { body });
    let elapsed = 0;
    const replica = await on.replica({ elapsed: () => elapsed });
    await expect(replica.create(on.request({ owner }))).rejects.toMatchObject({ code: "USER_LIMIT" });
    elapsed = 60_000;
    await replica.create(on.request({ owner }));
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

  test("a job that came by hand stands in its user's ledger, too", async () => {
    const labels = {
      [containerLabels.instance]: on.instance,
      [containerLabels.kind]: "job",
      [containerLabels.owner]: "carol",
      [containerLabels.flavor]: "no-gpu",
    };
    const container = { name: "job", image: "registry.example.org/tool:1" };
    const template = { metadata: { labels }, spec: { restartPolicy: "Never", containers: [container] } };
    const name = `by-hand-${on.instance}`;
    const body = { metadata: { name, labels }, spec: { suspend: true, template } };
    await on.connection.ask("POST", paths.jobs("user-carol"), { body });
    const place = userLedgerPlace(on.site, on.instance, "carol");
    const active = async () => {
      const page = paths.configMap(place.namespace, place.name);
      return (await on.connection.ask<V1ConfigMap>("GET", page).catch(() => undefined))?.data?.active;
    };
    await expect.poll(active, { timeout: 10_000 }).toBe("1");
    await on.connection.ask("DELETE", paths.job("user-carol", name), {
      body: { propagationPolicy: "Background" },
    });
    await expect.poll(active, { timeout: 10_000 }).toBe("0");
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
