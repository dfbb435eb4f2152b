import { setTimeout as pause } from "node:timers/promises";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { admissionsIn, auditOfJobs } from "../../platforms/kubernetes/testing/admissions-log.ts";
import { type ClusterWorld, makeClusterWorld, owners } from "../../testing/cluster/cluster-world.ts";
import { startLoad } from "../../testing/cluster/load.ts";
import { type ReplicaProcess, startReplicaProcess } from "../../testing/cluster/replica-process.ts";
import { createRandom } from "../../testing/random.ts";
import { until } from "../../testing/until.ts";

const obstacle = controlPlaneObstacle();
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000);

describe.skipIf(obstacle !== undefined)(
  `who leads a cluster's queue ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane({ serverFlags: auditOfJobs() });
    const random = createRandom(seed);

    async function start({ site, instance }: ClusterWorld): Promise<ReplicaProcess> {
      const replica = await startReplicaProcess({ kubeconfig: controlPlane().kubeconfig, site, instance });
      onTestFinished(() => replica.kill());
      return replica;
    }

    const leaderOf = (replicas: readonly ReplicaProcess[]) =>
      until("one leads", () => replicas.find((each) => each.leads()), 30_000);

    async function expectAllWell(world: ClusterWorld, by: ReplicaProcess, since: Date): Promise<void> {
      await world.rest();
      expect(await world.broken()).toEqual([]);
      expect(await world.shownWrongly(by)).toEqual([]);
      const admissions = admissionsIn(controlPlane().auditLog, since);
      expect([...admissions].filter(([, times]) => times > 1)).toEqual([]);
      expect(admissions.size).toBeGreaterThan(10);
    }

    test("one that is killed under load is followed by the other: nothing is lost, nothing starts twice, as the audit log has it", async () => {
      const since = new Date();
      await using world = await makeClusterWorld(controlPlane(), { cap: 4 });
      let replicas = [await start(world), await start(world)];
      const load = startLoad(world, {
        to: () => replicas[Math.floor(random() * 2)] as ReplicaProcess,
        random,
      });
      for (let kills = 0; kills < 3; kills += 1) {
        const leader = await leaderOf(replicas);
        await pause(1000);
        await leader.kill();
        replicas = [...replicas.filter((each) => each !== leader), await start(world)];
      }
      await leaderOf(replicas);
      await load.stop();
      await expectAllWell(world, replicas[0] as ReplicaProcess, since);
    });

    test("one that was held while another led lets nothing go when it wakes", async () => {
      const since = new Date();
      await using world = await makeClusterWorld(controlPlane(), { cap: 4 });
      const replicas = [await start(world), await start(world)];
      const sleeper = await leaderOf(replicas);
      const [other] = replicas.filter((each) => each !== sleeper);
      if (other === undefined) throw new Error("there are two");
      const load = startLoad(world, { to: () => other, random });
      for (let naps = 0; naps < 2; naps += 1) {
        await pause(1000);
        sleeper.pause();
        await until("the other leads", () => other.leads() || undefined, 30_000);
        await pause(1000);
        sleeper.resume();
        await pause(500);
        // It leads again when the other does not.
        other.pause();
        await until("the sleeper leads", () => sleeper.leads() || undefined, 30_000);
        other.resume();
      }
      await load.stop();
      await expectAllWell(world, sleeper, since);
    });

    test("one that stops in order hands over within two seconds", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const replicas = [await start(world), await start(world)];
      const leader = await leaderOf(replicas);
      const rest = replicas.filter((each) => each !== leader);
      const stopping = leader.stop();
      await until("the other leads", () => rest.some((each) => each.leads()) || undefined, 2000);
      await stopping;
    });

    test("two that both hold themselves for the leader, all the time, keep every promise together", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const [a, b] = [await world.replica({ forced: true }), await world.replica({ forced: true })];
      // They do not see the same, and so decide differently.
      b.proxy.watches.lag(100);
      const submitAll = Array.from({ length: 40 }, (_, index) =>
        world.submit(index % 2 === 0 ? a : b, { owner: owners[index % owners.length] ?? "alice" }),
      );
      await Promise.all(submitAll);
      await pause(3000);
      b.proxy.watches.lag(0);
      await world.rest();
      expect(world.accepted.size).toBe(40);
      expect(await world.broken()).toEqual([]);
      expect(await world.shownWrongly(a)).toEqual([]);
    });

    test("one that saw a pod before its Job takes the job for what it is when it leads", async () => {
      await using world = await makeClusterWorld(controlPlane());
      const leader = await world.replica();
      await until("it leads", () => leader.leads() || undefined);
      const late = await world.replica();
      late.proxy.watches.lag(3000, "/jobs");
      const { name } = await world.submit(leader, { owner: "alice", milliseconds: 6000 });
      await pause(1500);
      await leader.stop();
      await until("the other leads", () => late.leads() || undefined);
      await world.rest();
      expect(await world.broken()).toEqual([]);
      expect(await world.shownWrongly(late)).toEqual([]);
      const last = world.history.events().findLast(({ object }) => object.metadata?.name === name);
      expect(last?.object).toMatchObject({ status: { succeeded: 1 } });
    });
  },
);
