import { randomBytes } from "node:crypto";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectDocker, type DockerConnection } from "../connect.ts";
import { ensureInboundNetwork } from "./inbound-network.ts";
import { listNetworks, removeNetwork } from "./networks.ts";

const name = `inbound-test-${randomBytes(4).toString("hex")}`;
const labels = { "workstation.test": name };
const hardened = {
  "com.docker.network.bridge.enable_icc": "false",
  "com.docker.network.bridge.enable_ip_masquerade": "false",
};
let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
});

async function ours(): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return (await listNetworks(docker)).filter((each) => each.name.startsWith(name));
}

afterEach(async () => {
  for (const { id } of await ours()) await removeNetwork(docker, id);
});

const ensureHere = () => ensureInboundNetwork(docker, { name, from: "this machine", labels });

describe("a network for those who are called from this machine", () => {
  it("is made once, as it stays: what is found out about its subnet has another name, and is gone then", async () => {
    const since = Math.floor(Date.now() / 1000);
    await ensureHere();
    const filters = JSON.stringify({ type: ["network"], event: ["create"] });
    const events = await docker.getEvents({ filters, since, until: Math.ceil(Date.now() / 1000) + 1 });
    let text = "";
    for await (const bytes of events) text += bytes;
    expect(text.split(`"name":"${name}"`).length - 1).toBe(1);
    expect((await ours()).map((each) => each.name)).toEqual([name]);
  });

  it("is used again as it is", async () => {
    await ensureHere();
    const before = await ours();
    await ensureHere();
    expect(await ours()).toEqual(before);
  });

  it("is one, whoever asks for it at once", async () => {
    await Promise.all(Array.from({ length: 5 }, ensureHere));
    expect((await ours()).map((each) => each.name)).toEqual([name]);
  });

  it.each([
    ["somebody else made", { Labels: {}, Options: hardened }, "was made by somebody else"],
    [
      "has a gateway, as one that a stop in the middle left",
      { Labels: labels, Options: hardened },
      "has a way out",
    ],
    [
      "lets its containers reach each other",
      { Labels: labels, Options: {} },
      "lets its containers call others",
    ],
  ])("is refused when it is one that %s", async (_, settings, words) => {
    await docker.createNetwork({ Name: name, Driver: "bridge", ...settings });
    const refused = ensureHere();
    await expect(refused).rejects.toThrow(`the network ${name} ${words}`);
    await expect(refused).rejects.toMatchObject({
      code: "NETWORK_NOT_OURS",
      hint: expect.stringContaining(`docker network rm ${name}`),
    });
  });
});

it("one that is called from anywhere is made, and used again", async () => {
  const wanted = { name, from: "anywhere", labels } as const;
  await ensureInboundNetwork(docker, wanted);
  await ensureInboundNetwork(docker, wanted);
  expect((await ours()).map((each) => each.name)).toEqual([name]);
});
