import { parseSite } from "@workstation/site";
import { describe, expect, test } from "vitest";
import { siteText } from "../../../testing/site-text.ts";
import type { Machine } from "../../engine.ts";
import { devicesOn } from "./devices-on.ts";
import { flavorsOn } from "./flavors.ts";

const small: Machine = { cores: 2, memoryBytes: 30e9, gpus: [], gpuNote: "no runtime" };
const site = parseSite(siteText, "site.yaml");

function gpu(id: string, model = "NVIDIA A30", memoryBytes = 6e9) {
  return { id, model, memoryBytes };
}

describe("on a machine that is smaller than the site", () => {
  test("cores and memory are clamped, slots are not, and both figures are told", () => {
    expect(flavorsOn(small, site)[0]).toEqual({
      name: "no-gpu",
      slots: 2,
      usableSlots: 2,
      timeLimitSeconds: 28_800,
      promised: { cores: 8, memoryBytes: 64e9 },
      resources: { cores: 2, memoryBytes: 6e9 },
      note: "2 cores instead of 8: the machine has 2; 6 GB memory instead of 64 GB: the machine has 30 GB",
    });
  });

  test("all slots together never take more than four fifths of the memory", () => {
    const flavors = flavorsOn(small, site);
    const taken = flavors.reduce((sum, each) => sum + each.usableSlots * each.resources.memoryBytes, 0);
    expect(taken).toBeLessThanOrEqual(0.8 * small.memoryBytes);
  });

  test("a strict site refuses to start", () => {
    const strict = parseSite(siteText.replace("strictFlavors: false", "strictFlavors: true"), "site.yaml");
    expect(() => flavorsOn(small, strict)).toThrow(/no-gpu \(2 cores instead of 8/);
  });
});

test("a flavor that fits has no note", () => {
  const large = { ...small, cores: 64, memoryBytes: 1e12 };
  expect(flavorsOn(large, site)[0]).not.toHaveProperty("note");
});

describe("GPU flavors", () => {
  const slotsOf = (parts: Partial<Machine>, text = siteText) => {
    const machine = { ...small, ...parts };
    const here = parseSite(text, "site.yaml");
    const devices = devicesOn(machine, here);
    return flavorsOn(machine, here)
      .filter((flavor) => flavor.gpu !== undefined)
      .map((flavor) => [flavor.usableSlots, devices.get(flavor.name), flavor.note?.split(";")[0]]);
  };

  test("have no slots without devices, and say why", () => {
    expect(slotsOf({})).toEqual([[0, [], "no GPU on this machine: no runtime"]]);
  });

  test("have a slot for each device that fits", () => {
    const gpus = [
      gpu("GPU-1"),
      gpu("GPU-2", "Tesla V100"),
      gpu("GPU-3", "NVIDIA A30", 5.8e9),
      gpu("GPU-4", "NVIDIA A30", 1e9),
    ];
    expect(slotsOf({ gpus })).toEqual([
      [2, ["GPU-1", "GPU-3"], "only 2 of 8 devices (NVIDIA A30 6 GB) are on this machine"],
    ]);
  });

  test("use the devices that the site names, slot by slot", () => {
    const named = siteText.replace(
      "slots: 8, cores: 4, memory: 32GB, timeLimit: 16h, gpu: { model: NVIDIA A30, memory: 6GB }",
      "slots: 2, cores: 4, memory: 32GB, timeLimit: 16h, gpu: { model: NVIDIA A30, memory: 6GB, devices: [MIG-a, MIG-b] }",
    );
    const gpus = [gpu("MIG-b"), gpu("MIG-c")];
    expect(slotsOf({ gpus }, named)).toEqual([[1, ["MIG-b"], expect.stringContaining("only 1 of 2")]]);
  });

  test("lose no device to a desktop", () => {
    const desktop = siteText.replace(
      "flavors:\n",
      "flavors:\n  - { name: viewer, kind: desktop, slots: 1, cores: 1, memory: 8GB, gpu: { model: NVIDIA A30, memory: 6GB } }\n",
    );
    expect(slotsOf({ gpus: [gpu("GPU-1")] }, desktop)).toEqual([
      [1, ["GPU-1"], expect.stringContaining("only 1 of 8")],
    ]);
  });
});
