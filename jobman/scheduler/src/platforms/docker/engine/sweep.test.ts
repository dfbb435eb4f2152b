import type { DockerConnection } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { expect, test } from "vitest";
import type { Problem } from "../../../diagnostics/problems.ts";
import type { EngineContext } from "../context.ts";
import { sweep } from "./sweep.ts";

/** An engine with volumes that nobody uses, some of which it cannot remove. */
function makeSweep(stuck: Set<string>) {
  const left = new Set(["first", "second", "third"]);
  const tries: string[] = [];
  const problems: string[] = [];
  const labels = (id: string) => ({
    [containerLabels.instance]: "test",
    [containerLabels.kind]: "job",
    [containerLabels.id]: id,
  });
  const docker = {
    modem: {},
    listVolumes: async () => ({
      Volumes: [...left].map((Name) => ({ Name, Labels: labels(Name), Mountpoint: "/nowhere" })),
    }),
    listNetworks: async () => [],
    listContainers: async () => [],
    getVolume: (name: string) => ({
      remove: async () => {
        tries.push(name);
        if (stuck.has(name)) throw Object.assign(new Error("too many open files"), { statusCode: 500 });
        left.delete(name);
      },
    }),
  } as unknown as DockerConnection;
  const clock = { now: 0 };
  const context = {
    docker,
    instance: "test",
    creating: new Set(),
    stuckVolumes: new Map(),
    now: () => clock.now,
    onProblems: (_: string, found: readonly Problem[]) =>
      problems.splice(0, problems.length, ...found.map(({ message }) => message)),
  } as unknown as EngineContext;
  return { context, tries, problems, clock };
}

test("a volume that cannot be removed keeps no other from being removed, waits ever longer, and is one problem until it goes", async () => {
  const stuck = new Set(["first", "second"]);
  const { context, tries, problems, clock } = makeSweep(stuck);
  await sweep(context);
  expect(tries.splice(0)).toEqual(["first", "second", "third"]);
  expect(problems).toEqual([expect.stringMatching(/^2 volumes .*too many open files$/)]);
  await sweep(context);
  expect(tries.splice(0)).toEqual([]);
  clock.now = 60_000;
  stuck.clear();
  await sweep(context);
  await sweep(context);
  expect([tries, problems]).toEqual([["first", "second"], []]);
});
