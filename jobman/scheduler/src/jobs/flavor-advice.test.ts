import { expect, test } from "vitest";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import type { JobSpec } from "../queue/index.ts";
import { adviseFlavor } from "./flavor-advice.ts";

const gpu = { model: "L4", memoryBytes: 24e9 };
const own = makeFlavor("own", {});

const cases: readonly [string, Change, "memory" | "time", boolean][] = [
  ["more memory", { memoryBytes: 3e9 }, "memory", true],
  ["more memory and all else, too", { memoryBytes: 3e9, cores: 8, timeLimitSeconds: 900 }, "memory", true],
  ["as much memory", { timeLimitSeconds: 900 }, "memory", false],
  ["more memory and fewer cores", { memoryBytes: 3e9, cores: 1 }, "memory", false],
  ["more memory and less time", { memoryBytes: 3e9, timeLimitSeconds: 10 }, "memory", false],
  ["more memory and a GPU", { memoryBytes: 3e9, gpu }, "memory", false],
  ["more memory and no usable slot", { memoryBytes: 3e9, usableSlots: 0 }, "memory", false],
  ["more time", { timeLimitSeconds: 900 }, "time", true],
  ["as much time", { memoryBytes: 3e9 }, "time", false],
  ["more time and less memory", { timeLimitSeconds: 900, memoryBytes: 1e9 }, "time", false],
  ["more time and fewer cores", { timeLimitSeconds: 900, cores: 1 }, "time", false],
];

test.each(cases)("a flavor with %s", (_name, change, lacked, isAdvised) => {
  const other = makeFlavor("other", change);
  expect(adviseFlavor(makeSpec(), [own, other], lacked)?.name).toBe(isAdvised ? "other" : undefined);
});

test("a job with a GPU is sent to the same kind of GPU alone", () => {
  const flavors = [
    makeFlavor("own", { gpu }),
    makeFlavor("none", { timeLimitSeconds: 700 }),
    makeFlavor("other-model", { timeLimitSeconds: 800, gpu: { ...gpu, model: "A100" } }),
    makeFlavor("same-kind", { timeLimitSeconds: 900, gpu }),
  ];
  expect(adviseFlavor(makeSpec(), flavors, "time")?.name).toBe("same-kind");
});

test("the one with the least more is advised", () => {
  const flavors = [own, makeFlavor("huge", { memoryBytes: 9e9 }), makeFlavor("next", { memoryBytes: 3e9 })];
  expect(adviseFlavor(makeSpec(), flavors, "memory")?.name).toBe("next");
});

test("what the job was given counts, also where its flavor gives less now", () => {
  const spec = { ...makeSpec(), memoryBytes: 4e9 };
  expect(adviseFlavor(spec, [own, makeFlavor("other", { memoryBytes: 3e9 })], "memory")).toBe(undefined);
});

test("a flavor that is no longer offered leads to no advice", () => {
  expect(adviseFlavor(makeSpec(), [makeFlavor("other", { memoryBytes: 3e9 })], "memory")).toBe(undefined);
});

interface Change extends Partial<Pick<OfferedFlavor, "usableSlots" | "timeLimitSeconds" | "gpu">> {
  readonly cores?: number;
  readonly memoryBytes?: number;
}

function makeFlavor(name: string, { cores = 4, memoryBytes = 2e9, ...rest }: Change): OfferedFlavor {
  const resources = { cores, memoryBytes };
  return { name, slots: 1, usableSlots: 1, timeLimitSeconds: 600, promised: resources, resources, ...rest };
}

function makeSpec(): JobSpec {
  return {
    id: "id",
    name: "job1",
    owner: "alice",
    uid: 1000,
    gid: 1000,
    image: "ubuntu-python:latest",
    flavor: "own",
    arguments: [],
    exact: false,
    annotations: {},
    datasets: [],
    timeLimitSeconds: 600,
    sequence: 1,
    submittedAt: 0,
  };
}
