import { setTimeout as pause } from "node:timers/promises";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { describe, expect, test } from "vitest";
import type { FaultyProxy } from "../../platforms/kubernetes/testing/faulty-proxy.ts";
import { type ClusterWorld, makeClusterWorld } from "../../testing/cluster/cluster-world.ts";
import { startLoad } from "../../testing/cluster/load.ts";
import { createRandom } from "../../testing/random.ts";
import { until } from "../../testing/until.ts";

const obstacle = controlPlaneObstacle();
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000);
const silenceMs = 1500;

describe.skipIf(obstacle !== undefined)(
  `watches of a cluster ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane();
    const random = createRandom(seed);

    /** Two schedulers under load, while `trouble` happens to the watches of both. */
    async function underLoad(
      trouble: (proxies: readonly FaultyProxy[], world: ClusterWorld) => Promise<void>,
      {
        knownAfterMs = 1000,
        ...options
      }: { readonly knownAfterMs?: number; readonly silenceMs?: number } = {},
    ): Promise<void> {
      await using world = await makeClusterWorld(controlPlane(), { cap: 3 });
      const [a, b] = [await world.replica(options), await world.replica(options)];
      const load = startLoad(world, { to: () => (random() < 0.5 ? a : b), random });
      await trouble([a.proxy, b.proxy], world);
      await load.stop();
      await world.rest();
      expect(await world.broken({ knownAfterMs })).toEqual([]);
      expect(await world.shownWrongly(a)).toEqual([]);
      expect(await world.shownWrongly(b)).toEqual([]);
    }

    async function repeatedly(
      proxies: readonly FaultyProxy[],
      act: (proxy: FaultyProxy) => void,
      everyMs: number,
    ) {
      for (let left = 3000 / everyMs; left > 0; left -= 1) {
        await pause(everyMs);
        proxies.forEach(act);
      }
    }

    test("that say nothing any more are given up and asked for anew", () =>
      underLoad(
        async (proxies) => {
          await pause(500);
          for (const { watches } of proxies) watches.silence();
          await pause(2 * silenceMs);
        },
        { silenceMs, knownAfterMs: 2 * silenceMs },
      ));

    test("that lag let nothing start too much", () =>
      underLoad(
        async (proxies) => {
          for (const { watches } of proxies) watches.lag(200);
          await pause(3000);
          for (const { watches } of proxies) watches.lag(0);
        },
        { knownAfterMs: 10_000 },
      ));

    test("that tell everything again, and in another order, change nothing", () =>
      underLoad(async (proxies) => {
        for (const { watches } of proxies) watches.repeat(3);
        await pause(3000);
      }));

    test("that end all the time", () =>
      underLoad((proxies) => repeatedly(proxies, ({ watches }) => watches.end(), 150)));

    test("that are told that they are too old begin with a new list", () =>
      underLoad((proxies) => repeatedly(proxies, ({ watches }) => watches.tooOld(), 300), {
        knownAfterMs: 3000,
      }));

    test("that the server itself finds too old after its restart begin with a new list", () =>
      underLoad(
        async (proxies, world) => {
          await pause(500);
          // They end in order, and come back when the server has begun anew and remembers nothing.
          let held = true;
          for (const proxy of proxies) {
            proxy.befall(({ isWatch }) =>
              isWatch && held ? { kind: "late", when: "before", milliseconds: 6000 } : undefined,
            );
            proxy.watches.end();
          }
          await pause(1000);
          held = false;
          const server = controlPlane().process("kube-apiserver");
          await server.kill();
          await server.start();
          await until(
            "a watch was too old",
            () => proxies.some(({ watches }) => watches.tooOldByServer() > 0),
            // Where the server takes long to come back, pauses between tries have become long, too.
            60_000,
          );
          await world.history.caughtUp();
        },
        { knownAfterMs: 15_000 },
      ));
  },
);
