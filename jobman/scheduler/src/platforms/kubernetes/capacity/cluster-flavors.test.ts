import type { Site } from "@workstation/site";
import { expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { clusterFlavors, type NodeOffer } from "./cluster-flavors.ts";
import { readQuantity } from "./quantities.ts";

const base = clusterSite({ slots: 4 });
const gib = 2 ** 30;
const node = (parts: Partial<NodeOffer> = {}): NodeOffer => ({
  name: "n",
  labels: {},
  cores: 64,
  memoryBytes: 512 * gib,
  extended: {},
  ...parts,
});
const mig = "nvidia.com/mig-1g.6gb";
const withGpu: Site = {
  ...base,
  kubernetes: { ...base.kubernetes, flavors: { "small-gpu": { resources: { [mig]: 1 }, nodeSelector: {} } } },
};

function flavor(name: string, site: Site, nodes: readonly NodeOffer[]) {
  return clusterFlavors(site, { nodes, known: nodes.length }).find((each) => each.name === name);
}

test("where the nodes have enough for every slot, a slot is what the site promises", () => {
  const nodes = Array.from({ length: 4 }, () => node());
  expect(flavor("no-gpu", base, nodes)).toMatchObject({
    usableSlots: 4,
    resources: { cores: 8, memoryBytes: 64e9 },
    requestedCores: 8,
  });
  expect(flavor("no-gpu", base, nodes)).not.toHaveProperty("note");
});

test("a cluster without a node yet is taken at the site's word", () => {
  expect(flavor("no-gpu", base, [])).toMatchObject({
    usableSlots: 4,
    resources: { cores: 8, memoryBytes: 64e9 },
  });
});

test("on a small node every slot can be used side by side, and it is said that each gives less", () => {
  const small = flavor("no-gpu", base, [node({ cores: 2, memoryBytes: 8e9 })]);
  expect(small).toMatchObject({ usableSlots: 4, resources: { cores: 2, memoryBytes: 1.6e9 } });
  expect(small?.requestedCores).toBeCloseTo(0.45);
  expect(small?.note).toMatch(/^2 cores instead of 8: no node has more; 1\.6 GB memory instead of 64 GB/);
});

test("a flavor with a GPU has as many slots as the nodes have devices", () => {
  expect(
    flavor("small-gpu", withGpu, [node({ extended: { [mig]: 3 } }), node({ extended: { [mig]: 2 } })]),
  ).toMatchObject({
    slots: 8,
    usableSlots: 5,
    missing: `the nodes have ${mig} for 5 of 8 slots`,
  });
  expect(flavor("small-gpu", base, [node()])).toMatchObject({
    usableSlots: 0,
    missing: "site.yaml names no resource for its GPU (kubernetes.flavors)",
  });
});

test("while no node takes jobs there are no slots: what was admitted could only fail", () => {
  const maintenance = clusterFlavors(base, { nodes: [], known: 3 });
  expect(maintenance.map(({ usableSlots }) => usableSlots)).toEqual(maintenance.map(() => 0));
  expect(maintenance.find(({ name }) => name === "no-gpu")?.missing).toBe(
    "none of the cluster's 3 nodes takes jobs now",
  );
});

test("devices on nodes that a flavor may not be on are none of its", () => {
  const flavors = { "small-gpu": { resources: { [mig]: 1 }, nodeSelector: { gpu: "a30" } } };
  const site = { ...withGpu, kubernetes: { ...withGpu.kubernetes, flavors } };
  const other = node({ labels: { gpu: "v100" }, extended: { [mig]: 5 } });
  const own = node({ labels: { gpu: "a30" }, extended: { [mig]: 3 } });
  expect(flavor("small-gpu", site, [other, own])?.usableSlots).toBe(3);
  expect(flavor("small-gpu", site, [other])).toMatchObject({
    usableSlots: 0,
    missing: "no node with the flavor's labels takes jobs now",
  });
});

test("a strict site refuses nodes that give less", () => {
  const strict = { ...base, limits: { ...base.limits, strictFlavors: true } };
  expect(() => clusterFlavors(strict, { nodes: [node({ cores: 2 })], known: 1 })).toThrow(
    expect.objectContaining({
      code: "FLAVORS_DO_NOT_FIT",
      message: expect.stringContaining("2 cores instead of 8"),
    }),
  );
});

test.each([
  ["2", 2],
  ["500m", 0.5],
  ["64Gi", 64 * gib],
  ["1e3", 1000],
  ["7900000Ki", 7_900_000 * 1024],
  [undefined, 0],
  ["much", 0],
])("the quantity %j is %d", (text, value) => {
  expect(readQuantity(text)).toBe(value);
});
