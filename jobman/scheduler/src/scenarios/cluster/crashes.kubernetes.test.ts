import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { describe, expect, test } from "vitest";
import { makeClusterWorld } from "../../testing/cluster/cluster-world.ts";
import { startLoad } from "../../testing/cluster/load.ts";
import { createRandom } from "../../testing/random.ts";
import { until } from "../../testing/until.ts";

const obstacle = controlPlaneObstacle();
const crashes = Number(process.env.CLUSTER_CRASHES ?? 200);
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000);
/** A scheduler dies at one of its first writes: what comes later is no other kind of write. */
const lifetime = 8;

describe.skipIf(obstacle !== undefined)(
  `schedulers of a cluster that die ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane();

    test(`between any two writes, ${crashes} times: nothing is lost, nothing starts twice (seed ${seed})`, async () => {
      const random = createRandom(seed);
      await using world = await makeClusterWorld(controlPlane(), { cap: 4 });
      let alive = await world.replica();
      const load = startLoad(world, { to: () => alive, random });
      for (let crash = 1; crash <= crashes; crash += 1) {
        const { proxy } = alive;
        const last = proxy.writes() + 1 + Math.floor(random() * lifetime);
        const when = random() < 0.5 ? "before" : "after";
        proxy.befall(({ write }) => (write === last ? { kind: "fatal", when } : undefined));
        await until("it dies", () => proxy.isDead(), 5000).catch(() => proxy.die());
        void alive.stop().catch(() => undefined);
        await world.passLease();
        alive = await world.replica();
      }
      await load.stop();
      await world.rest();
      expect(await world.broken()).toEqual([]);
      expect(await world.shownWrongly(alive)).toEqual([]);
    });
  },
);
