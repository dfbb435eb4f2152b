import { setTimeout as pause } from "node:timers/promises";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { describe, expect, test } from "vitest";
import { paths } from "../../platforms/kubernetes/api/paths.ts";
import { replay, slotsTaken } from "../../platforms/kubernetes/testing/moments.ts";
import { type ClusterWorld, makeClusterWorld, owners } from "../../testing/cluster/cluster-world.ts";
import { startLoad } from "../../testing/cluster/load.ts";
import { askReplica, type Replica } from "../../testing/cluster/replica.ts";
import { createRandom } from "../../testing/random.ts";
import { until } from "../../testing/until.ts";

const obstacle = controlPlaneObstacle();
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000);

describe.skipIf(obstacle !== undefined)(
  `a cluster in which things go wrong ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane();
    const random = createRandom(seed);

    /** So many jobs, one after the other: the first three take the slots of `wide`. */
    async function fill(world: ClusterWorld, to: Replica, jobs: { count: number; milliseconds: number }) {
      const names: string[] = [];
      for (let index = 0; index < jobs.count; index += 1) {
        const owner = owners[index % owners.length] ?? "alice";
        names.push((await world.submit(to, { owner, milliseconds: jobs.milliseconds })).name);
      }
      await until("the slots are taken", () => running(world).length >= 3 || undefined);
      return names;
    }

    function running({ history }: ClusterWorld): readonly string[] {
      return [...(slotsTaken(replay(history, () => undefined)).get("wide") ?? [])];
    }

    function find(
      { history }: ClusterWorld,
      uid: string,
    ): { readonly namespace: string; readonly name: string } {
      const { namespace = "", name = "" } =
        history.events().find(({ object }) => object.metadata?.uid === uid)?.object.metadata ?? {};
      return { namespace, name };
    }

    async function remove(world: ClusterWorld, uid: string, propagationPolicy: string): Promise<void> {
      const { namespace, name } = find(world, uid);
      world.removed.add(name);
      await world.admin.ask("DELETE", paths.job(namespace, name), { body: { propagationPolicy } });
    }

    async function expectAllWell(world: ClusterWorld, by: Replica): Promise<void> {
      await world.rest();
      expect(await world.broken()).toEqual([]);
      expect(await world.shownWrongly(by)).toEqual([]);
    }

    test("without its controllers, nothing is let go twice, and the queue moves on when they are back", async () => {
      await using world = await makeClusterWorld(controlPlane(), { cap: 4 });
      const replica = await world.replica();
      const load = startLoad(world, { to: () => replica, random });
      await pause(1000);
      const manager = controlPlane().process("kube-controller-manager");
      manager.pause();
      await pause(2000);
      manager.resume();
      await pause(500);
      await manager.kill();
      await pause(2000);
      await manager.start();
      await load.stop();
      await expectAllWell(world, replica);
    });

    test("pods that never go keep their slots, though their Jobs are gone, until they go", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const replica = await world.replica();
      await fill(world, replica, { count: 7, milliseconds: 4000 });
      world.kubelet.holdTerminating();
      const [first = "", second = ""] = running(world);
      await remove(world, first, "Background");
      await remove(world, second, "Foreground");
      await pause(3000);
      expect(running(world)).toEqual(expect.arrayContaining([first, second]));
      world.kubelet.release();
      await expectAllWell(world, replica);
    });

    test("a namespace that is deleted takes its jobs with it, and nobody else's", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const replica = await world.replica();
      await fill(world, replica, { count: 10, milliseconds: 1500 });
      const namespace = `${world.site.kubernetes.namespacePrefix}alice`;
      for (const { object } of world.history.events()) {
        if (object.metadata?.namespace === namespace) world.removed.add(object.metadata.name ?? "");
      }
      await world.admin.ask("DELETE", `${paths.namespaces()}/${namespace}`);
      await expectAllWell(world, replica);
      const gone = async () => {
        const found = await world.admin
          .ask("GET", `${paths.namespaces()}/${namespace}`)
          .catch(() => undefined);
        return found === undefined || undefined;
      };
      await until("the namespace is gone", gone, 30_000);
      expect((await world.submit(replica, { owner: "alice" })).status).toBe(403);
      await world.admin.ask("POST", paths.namespaces(), { body: { metadata: { name: namespace } } });
      expect((await world.submit(replica, { owner: "alice" })).status).toBe(201);
      await expectAllWell(world, replica);
    });

    test("a job that was deleted and made again under its name is another job, also for a leader who saw neither", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const leader = await world.replica();
      await until("it leads", () => leader.leads() || undefined);
      const other = await world.replica();
      await fill(world, leader, { count: 3, milliseconds: 2000 });
      const { name } = await world.submit(leader, { owner: "alice", name: "again" });
      await pause(300);
      leader.proxy.watches.lag(1500);
      const path = paths.job(`${world.site.kubernetes.namespacePrefix}alice`, name);
      await world.admin.ask("DELETE", path, { body: { propagationPolicy: "Foreground" } });
      // Where its end was seen, it has its name until its owner frees that.
      const again = async () => {
        const { status } = await world.submit(other, { owner: "alice", name, exitCode: 5 });
        if (status === 201) return true;
        await askReplica(other, "alice", { method: "DELETE", path: `/v1/jobs/${name}` });
        await pause(200);
        return undefined;
      };
      await until("it is made again", again);
      await pause(2000);
      leader.proxy.watches.lag(0);
      await world.rest();
      expect(await world.broken({ knownAfterMs: 10_000 })).toEqual([]);
      expect(await world.shownWrongly(leader)).toEqual([]);
    });

    test("a job that ends while the answer to its admission is on its way ends once, and its slot is free", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const replica = await world.replica();
      replica.proxy.befall(({ method, path }) =>
        method === "PATCH" && path.includes("/jobs/")
          ? { kind: "late", when: "after", milliseconds: 2500 }
          : undefined,
      );
      for (let index = 0; index < 6; index += 1)
        await world.submit(replica, { owner: "bob", milliseconds: 0 });
      await expectAllWell(world, replica);
    });

    test("a flavor that loses slots below its use lets nobody go before enough have ended", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const replica = await world.replica();
      await fill(world, replica, { count: 9, milliseconds: 1500 });
      world.setSlots("wide", 1);
      await pause(4000);
      world.setSlots("wide", 0);
      await pause(2000);
      world.setSlots("wide", 2);
      await expectAllWell(world, replica);
    });

    test("a clock that jumps by an hour and back breaks no promise", async () => {
      await using world = await makeClusterWorld(controlPlane(), { cap: 4 });
      let ahead = 0;
      const replica = await world.replica({ now: () => Date.now() + ahead });
      const load = startLoad(world, { to: () => replica, random });
      for (const jump of [3_600_000, -3_600_000, 0, 30_000, 0]) {
        await pause(1000);
        ahead = jump;
      }
      await load.stop();
      await expectAllWell(world, replica);
    });
  },
);
