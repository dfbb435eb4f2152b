import { setTimeout as pause } from "node:timers/promises";
import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { clusterAnnotations, containerLabels } from "@workstation/site";
import { describe, expect, test } from "vitest";
import { paths } from "../../platforms/kubernetes/api/paths.ts";
import { slotLedgerName, userLedgerPlace } from "../../platforms/kubernetes/objects/names.ts";
import { replay, slotsTaken } from "../../platforms/kubernetes/testing/moments.ts";
import { type ClusterWorld, makeClusterWorld, owners } from "../../testing/cluster/cluster-world.ts";
import { until } from "../../testing/until.ts";

const obstacle = controlPlaneObstacle();

interface Target {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

describe.skipIf(obstacle !== undefined)(
  `an administrator who changes a queue's objects by hand ${obstacle ?? ""}`,
  { timeout: 300_000 },
  () => {
    const controlPlane = useControlPlane();

    const jobs = ({ history }: ClusterWorld) => [...replay(history, () => undefined).jobs.values()];

    function pick(world: ClusterWorld, suspended: boolean): Target {
      const job = jobs(world).find(({ spec }) => spec?.suspend === suspended);
      const { namespace = "", name = "", uid = "" } = job?.metadata ?? {};
      return { namespace, name, uid };
    }

    const patch = (world: ClusterWorld, { namespace, name }: Target, body: unknown) =>
      world.admin.ask("PATCH", paths.job(namespace, name), { body, patch: "merge" });

    /** Three of `wide` run and six wait, while somebody changes one of them; `apart`: jobs of which no promise holds any more. */
    async function whenChanged(
      change: (
        world: ClusterWorld,
      ) => Promise<{ readonly apart?: readonly Target[]; readonly forced?: Target } | undefined>,
    ): Promise<void> {
      await using world = await makeClusterWorld(controlPlane(), { startTimeout: 5 });
      const replica = await world.replica();
      for (let index = 0; index < 8; index += 1) {
        await world.submit(replica, { owner: owners[index % owners.length] ?? "alice", milliseconds: 800 });
      }
      await until(
        "the slots are taken",
        () => slotsTaken(replay(world.history, () => undefined)).get("wide")?.size === 3 || undefined,
      );
      const { apart = [], forced } = (await change(world)) ?? {};
      for (const { name } of apart) world.removed.add(name);
      await world.rest();
      const uids = new Set(forced === undefined ? [] : [forced.uid]);
      const broken = await world.broken({ forced: uids });
      expect(broken.filter((each) => !apart.some(({ name }) => each.includes(name)))).toEqual([]);
      const after = await world.submit(replica, { owner: "erin", flavor: "wide" });
      expect(after.status).toBe(201);
      await world.rest();
    }

    test("who lets a job go past the queue has it take a slot, and nobody else starts too early", () =>
      whenChanged(async (world) => {
        const forced = pick(world, true);
        await patch(world, forced, { spec: { suspend: false } });
        return { forced };
      }));

    test("who suspends a job that runs loses it its place, and nobody else's", () =>
      whenChanged(async (world) => {
        const target = pick(world, false);
        await patch(world, target, { spec: { suspend: true } });
        return { apart: [target] };
      }));

    test("who takes a job's parallelism away stops that job, and its slot is free after the time to start", () =>
      whenChanged(async (world) => {
        const target = pick(world, false);
        await patch(world, target, { spec: { parallelism: 0 } });
        return { apart: [target] };
      }));

    test("who shortens a job's deadline ends that job", () =>
      whenChanged(async (world) => {
        const target = pick(world, false);
        await patch(world, target, { spec: { activeDeadlineSeconds: 1 } });
        return undefined;
      }));

    test("who takes a waiting job's labels away takes it out of the queue", () =>
      whenChanged(async (world) => {
        const target = pick(world, true);
        await patch(world, target, { metadata: { labels: { [containerLabels.instance]: null } } });
        return { apart: [target] };
      }));

    test("who gives a waiting job another flavor and owner finds it in the other queue", () =>
      whenChanged(async (world) => {
        const target = pick(world, true);
        const labels = { [containerLabels.flavor]: "narrow", [containerLabels.owner]: "mallory" };
        await patch(world, target, { metadata: { labels } });
        return { apart: [target] };
      }));

    test("who writes nonsense into a job's annotations changes its words, not the queue", () =>
      whenChanged(async (world) => {
        const target = pick(world, true);
        const annotations = { [clusterAnnotations.request]: "{", [clusterAnnotations.stop]: "nonsense" };
        await patch(world, target, { metadata: { annotations } });
        return { apart: [target] };
      }));

    test("who deletes the ledgers, or writes nonsense into them, lets nobody start too much", () =>
      whenChanged(async (world) => {
        const { namespace } = world.site.kubernetes;
        const ledger = paths.configMap(namespace, slotLedgerName(world.instance, "wide"));
        await world.admin.ask("DELETE", ledger);
        const { namespace: own, name } = userLedgerPlace(world.site, world.instance, "erin");
        await world.admin.ask("PATCH", paths.configMap(own, name), {
          body: { data: { jobs: "nonsense" } },
          patch: "merge",
        });
        await pause(3000);
        await world.admin.ask("PATCH", ledger, { body: { data: { jobs: "[1,2" } }, patch: "merge" });
        return undefined;
      }));
  },
);
