import { setTimeout as pause } from "node:timers/promises";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { describe, expect, test } from "vitest";
import type { FaultyProxy, Mishap } from "../../platforms/kubernetes/testing/faulty-proxy.ts";
import { makeClusterWorld } from "../../testing/cluster/cluster-world.ts";
import { startLoad } from "../../testing/cluster/load.ts";
import { createRandom } from "../../testing/random.ts";

const obstacle = controlPlaneObstacle();
const seed = Number(process.env.CLUSTER_SEED ?? Date.now() % 1_000_000);
const troubleMs = 3000;

describe.skipIf(obstacle !== undefined)(
  `an API server that answers badly ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane();

    const random = createRandom(seed);
    const sometimes = (share: number, mishap: Mishap) => () => (random() < share ? mishap : undefined);
    const writes =
      (share: number, mishap: Mishap): Parameters<FaultyProxy["befall"]>[0] =>
      ({ write }) =>
        write !== undefined && random() < share ? mishap : undefined;

    test.for<readonly [string, Parameters<FaultyProxy["befall"]>[0]]>([
      ["asks to be left alone (429)", sometimes(0.5, { kind: "refused", status: 429, retryAfterSeconds: 1 })],
      ["fails inside (500)", sometimes(0.5, { kind: "refused", status: 500 })],
      ["is overloaded (503)", sometimes(0.8, { kind: "refused", status: 503, retryAfterSeconds: 1 })],
      ["breaks the connection when a write is done", writes(0.5, { kind: "lost", when: "after" })],
      ["breaks the connection before a write is done", writes(0.5, { kind: "lost", when: "before" })],
      ["loses what it is asked, and what it answers", sometimes(0.3, { kind: "lost", when: "after" })],
      ["does everything late", sometimes(1, { kind: "late", when: "before", milliseconds: 300 })],
      ["answers writes late", writes(1, { kind: "late", when: "after", milliseconds: 600 })],
    ])("%s: the queue keeps its promises, and moves on", async ([, mishap]) => {
      await using world = await makeClusterWorld(controlPlane(), { cap: 3 });
      const [a, b] = [await world.replica(), await world.replica()];
      const load = startLoad(world, { to: () => (random() < 0.5 ? a : b), random });
      for (const { proxy } of [a, b]) proxy.befall(mishap);
      await pause(troubleMs);
      for (const { proxy } of [a, b]) proxy.befall(() => undefined);
      await pause(500);
      await load.stop();
      await world.rest();
      // Who asks in vain knows late who came, and one whose slot could not be written has it still.
      expect(await world.broken({ knownAfterMs: 10_000 })).toEqual([]);
      expect(await world.shownWrongly(a)).toEqual([]);
      expect(await world.shownWrongly(b)).toEqual([]);
    });
  },
);
