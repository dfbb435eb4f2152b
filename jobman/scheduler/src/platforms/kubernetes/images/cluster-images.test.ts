import { afterEach, expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { connectWith } from "../api/connection.ts";
import {
  type Answer,
  json,
  type ScriptedApiServer,
  scriptApiServer,
} from "../testing/scripted-api-server.ts";
import { createClusterImages } from "./cluster-images.ts";

const base = clusterSite();
const withRegistry = {
  ...base,
  registry: { ...base.registry, host: "registry.example.org", prefix: "ws/" },
  images: { allowed: ["family", "registry.example.org/tool:1", "python"] },
};
const batch = `registry.example.org/${base.registry.projects.batch}/ws/`;
const rulesPath = `GET /api/v1/namespaces/${base.kubernetes.namespace}/configmaps/queue-rules`;
const rules = (...lines: readonly string[]) => json({ data: { images: lines.join("\n") } });

const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** Images of a cluster with these rules, whose nodes hold those. */
async function catalogue(
  answer: Answer | undefined,
  held: readonly (readonly [string, number])[] = [],
  site = withRegistry,
) {
  const server: ScriptedApiServer = await scriptApiServer(
    answer === undefined ? {} : { [rulesPath]: [answer] },
  );
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  ended.push(
    async () => server[Symbol.asyncDispose](),
    () => connection.close(),
  );
  return { images: createClusterImages(connection, site, async () => new Map(held)), server };
}

test("an image of the family is in the project for jobs, by its short name or its whole one", async () => {
  const { images } = await catalogue(rules(`${batch}ubuntu-python`));
  const found = { reference: `${batch}ubuntu-python:latest`, allowed: true, name: "ubuntu-python" };
  expect(await images.find("ubuntu-python", "latest")).toMatchObject(found);
  expect(await images.find("ws/ubuntu-python", "latest")).toMatchObject(found);
  expect(await images.find(`${batch}ubuntu-python`, "latest")).toMatchObject(found);
});

test("an image that the rules do not have is none, whatever its name looks like", async () => {
  const { images } = await catalogue(rules(`${batch}ubuntu-python`, "registry.example.org/tool:1"));
  expect(await images.find("alpine", "latest")).toBeUndefined();
  expect(await images.find("evil.example.org/ubuntu-python", "latest")).toBeUndefined();
  expect(await images.find("registry.example.org/tool", "2")).toBeUndefined();
  expect(await images.find("registry.example.org/tool", "1")).toMatchObject({ allowed: true });
});

test("the rules are read once for many questions, and no node is asked", async () => {
  const { images, server } = await catalogue(rules(`${batch}a`), [[`${batch}a:1`, 5]]);
  for (let index = 0; index < 5; index += 1) {
    await images.find("a", "1");
    await images.list();
  }
  expect(server.asked.map(({ what }) => what)).toEqual([rulesPath]);
});

test("without a chart there are no rules; rules that cannot be read are no such case", async () => {
  const { images } = await catalogue(undefined);
  expect(await images.find("alpine", "1")).toMatchObject({ allowed: true });
  const failing = await catalogue(json({}, { status: 500 }));
  await expect(failing.images.find("a", "1")).rejects.toMatchObject({ status: 500 });
  await expect(failing.images.list()).rejects.toMatchObject({ status: 500 });
});

test("the list has what nodes hold and jobs may have, each image once with its tags", async () => {
  const { images } = await catalogue(rules(`${batch}a`, "registry.example.org/tool:1", "python:latest"), [
    [`${batch}a@sha256:${"0".repeat(64)}`, 5],
    [`${batch}a:1`, 5],
    [`${batch}a:2`, 6],
    ["registry.example.org/tool:2", 7],
    ["registry.example.org/tool:1", 8],
    ["docker.io/library/python:latest", 9],
    ["docker.io/library/alpine:3", 1],
    ["registry.k8s.io/pause:3.10", 1],
  ]);
  expect(
    (await images.list()).map(({ name, tags, sizeBytes, reference }) => ({
      name,
      tags,
      sizeBytes,
      reference,
    })),
  ).toEqual([
    { name: "a", tags: ["1", "2"], sizeBytes: 5, reference: `${batch}a:1` },
    {
      name: "registry.example.org/tool",
      tags: ["1"],
      sizeBytes: 8,
      reference: "registry.example.org/tool:1",
    },
    { name: "python", tags: ["latest"], sizeBytes: 9, reference: "python:latest" },
  ]);
});
