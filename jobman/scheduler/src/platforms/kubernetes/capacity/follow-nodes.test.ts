import { afterEach, expect, test, vi } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { connectWith } from "../api/connection.ts";
import { type Answer, json, page, scriptApiServer } from "../testing/scripted-api-server.ts";
import { followNodes } from "./follow-nodes.ts";

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const all = clusterSite({ slots: 4 });
const site = { ...all, flavors: all.flavors.filter(({ name }) => name === "no-gpu") };

function node(
  name: string,
  parts: { readonly ready?: string; readonly away?: boolean; readonly images?: object[] } = {},
) {
  const { ready = "True", away, images = [] } = parts;
  return {
    metadata: { name, labels: { zone: "a" } },
    spec: { unschedulable: away },
    status: {
      conditions: [
        { type: "MemoryPressure", status: "False" },
        { type: "Ready", status: ready },
      ],
      allocatable: { cpu: "64", memory: "512Gi", pods: "110", "example.org/gpu": "2" },
      images,
    },
  };
}

async function follow(answers: readonly Answer[], strictFlavors = false, of = site) {
  const server = await scriptApiServer({ "GET /api/v1/nodes": answers });
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  ended.push(
    async () => server[Symbol.asyncDispose](),
    () => connection.close(),
  );
  const faults: unknown[] = [];
  const limits = { ...site.limits, strictFlavors };
  const capacity = await followNodes(connection, { ...of, limits }, (fault) => faults.push(fault));
  return { server, faults, capacity };
}

/** What is told, each with how many slots of `no-gpu` can be used. */
function hear(capacity: Awaited<ReturnType<typeof follow>>["capacity"]): readonly number[] {
  const stopped = new AbortController();
  const heard: number[] = [];
  const running = (async () => {
    for await (const flavors of capacity.follow(stopped.signal, 5)) {
      heard.push(flavors.find(({ name }) => name === "no-gpu")?.usableSlots ?? -1);
    }
  })();
  ended.push(async () => {
    stopped.abort();
    await running;
  });
  return heard;
}

test("it offers what nodes have that take jobs, of all pages", async () => {
  const { capacity, server } = await follow([
    page("1", [node("a"), node("b", { away: true }), node("c", { ready: "Unknown" })], "more"),
    page("1", [node("d")]),
  ]);
  expect(capacity.total()).toEqual({ cores: 128, memoryBytes: 1024 * 2 ** 30, gpus: 0 });
  expect(server.asked.map(({ query }) => query.get("continue"))).toEqual([null, "more"]);
  expect(Number(server.asked[0]?.query.get("limit"))).toBeGreaterThan(0);
});

test("it counts the GPUs that flavors ask for by name", async () => {
  const flavors = all.flavors.map((flavor) => ({ ...flavor, gpu: { model: "any", memory: 6e9 } }));
  const asked = { [flavors[0]?.name ?? ""]: { resources: { "example.org/gpu": 1 }, nodeSelector: {} } };
  const withGpus = { ...all, flavors, kubernetes: { ...all.kubernetes, flavors: asked } };
  const { capacity } = await follow([page("1", [node("a"), node("b")])], false, withGpus);
  expect(capacity.total().gpus).toBe(4);
});

test("it knows the images of all nodes, by each of their names", async () => {
  const images = [{ names: ["r/x@sha256:1", "r/x:1"], sizeBytes: 7 }, { names: ["r/y:1"] }, { sizeBytes: 3 }];
  const { capacity } = await follow([
    page("1", [node("a", { images: images.slice(0, 2) }), node("b", { away: true, images })]),
  ]);
  expect([...(await capacity.images())]).toEqual([
    ["r/x@sha256:1", 7],
    ["r/x:1", 7],
    ["r/y:1", 0],
  ]);
});

test("an image that came since is known after some seconds, however many ask for it at once, and once a look failed, too", async () => {
  const [none, one] = [page("1", [node("a")]), page("2", [node("a", { images: [{ names: ["r/x:1"] }] })])];
  const { capacity, server, faults } = await follow([none, json({}, { status: 500 }), one]);
  const names = async () => [...(await capacity.images()).keys()];
  const later = performance.now() + 10_001;
  expect(await names()).toEqual([]);
  const clock = vi.spyOn(performance, "now").mockReturnValue(later);
  expect(await names()).toEqual([]);
  expect(faults).toMatchObject([{ status: 500 }]);
  expect(await Promise.all([names(), names(), names()])).toEqual([["r/x:1"], ["r/x:1"], ["r/x:1"]]);
  expect(await names()).toEqual(["r/x:1"]);
  clock.mockRestore();
  expect(server.asked).toHaveLength(3);
});

test("a change of the nodes is told once, and what stays the same is not", async () => {
  const [some, none] = [page("1", [node("a")]), page("2", [node("a", { away: true })])];
  const { capacity, server } = await follow([some, some, some, none, none, none, some]);
  const heard = hear(capacity);
  await vi.waitFor(() => expect(server.asked.length).toBeGreaterThan(8), 10_000);
  expect(heard).toEqual([4, 0, 4]);
  expect(capacity.total().cores).toBe(64);
});

test("while the nodes cannot be seen all stays as it was, and the fault is told", async () => {
  const broken = json({ message: "etcd is away" }, { status: 500 });
  const { capacity, faults } = await follow([page("1", [node("a")]), broken, broken, page("1", [])]);
  const heard = hear(capacity);
  await vi.waitFor(() => expect(faults.length).toBe(2), 10_000);
  expect(heard).toEqual([4]);
  expect(faults).toMatchObject([{ status: 500 }, { status: 500 }]);
});

test("a strict site is refused at the start where nodes have less, and goes on where they have less later", async () => {
  const less = { ...node("a"), status: { ...node("a").status, allocatable: { cpu: "1", memory: "1Gi" } } };
  await expect(follow([page("1", [less])], true)).rejects.toMatchObject({ code: "FLAVORS_DO_NOT_FIT" });
  const { capacity, faults } = await follow(
    [
      page(
        "1",
        Array.from({ length: 40 }, () => node("a")),
      ),
      page("2", [less]),
    ],
    true,
  );
  const heard = hear(capacity);
  await vi.waitFor(() => expect(heard.length).toBe(2), 10_000);
  expect(capacity.flavors().find(({ name }) => name === "no-gpu")?.note).toMatch(/1 cores instead of 8/);
  expect(faults).toEqual([]);
});
