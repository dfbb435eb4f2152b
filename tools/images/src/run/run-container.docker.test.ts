import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  connectDocker,
  type DockerConnection,
  inspectContainer,
  listNetworks,
  removeUnusedNetwork,
} from "@workstation/docker";
import { containerLabels, loadSite } from "@workstation/site";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { smallContainer } from "../testing/helper-container.ts";
import { makeRunContainer, type RunContainer, removeRunContainer, startOrRemove } from "./run-container.ts";
import { inboundNetworks, runKind } from "./run-settings.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const networkName = inboundNetworks["this machine"];
const settings = smallContainer({
  image: "workstation-base:debian-12",
  command: ["sleep", "600"],
  labels: { [containerLabels.kind]: runKind },
  network: networkName,
});
let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
});

async function make(): Promise<RunContainer> {
  const name = `run-container-${randomBytes(4).toString("hex")}`;
  const container = await makeRunContainer(docker, site, { name, settings, secrets: {} });
  onTestFinished(() => removeRunContainer(docker, container.id, 0));
  return container;
}

const findNetwork = async () => (await listNetworks(docker)).find(({ name }) => name === networkName);

test("who ends the only other container takes no network from one that is made and not yet started", async () => {
  const [mine, theirs] = [await make(), await make()];
  await startOrRemove(docker, theirs, settings);
  await removeRunContainer(docker, theirs.id, 0);
  expect(await findNetwork()).toBeDefined();
  await startOrRemove(docker, mine, settings);
});

test("a start makes the network again that is gone", async () => {
  const container = await make();
  await removeUnusedNetwork(docker, (await findNetwork())?.id ?? "");
  await startOrRemove(docker, container, settings);
  expect((await inspectContainer(docker, container.id))?.status).toBe("running");
});

test("a network of that name that somebody else made is neither used nor removed", async () => {
  const name = inboundNetworks.anywhere;
  const foreign = await docker.createNetwork({ Name: name, Driver: "bridge" });
  onTestFinished(async () => {
    await foreign.remove();
  });
  const wanted = { name: "run-container-foreign", settings: { ...settings, network: name }, secrets: {} };
  await expect(makeRunContainer(docker, site, wanted)).rejects.toMatchObject({ code: "NETWORK_NOT_OURS" });
  await removeRunContainer(docker, "no-such-container", 0);
  expect((await listNetworks(docker)).map(({ id }) => id)).toContain(foreign.id);
});

const lost = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
const words = `network ${networkName} not found`;
const withoutNetwork = Object.assign(new Error(words), { statusCode: 404, json: { message: words } });

/** The engine does as it is asked; whoever asks for a path with such a part hears of this fault instead. */
function withFaults(faults: Readonly<Record<string, Error>>): DockerConnection {
  const { modem } = docker;
  const faultOf = (path = "") => Object.entries(faults).find(([part]) => path.includes(part))?.[1];
  const dial: typeof modem.dial = (options, callback) =>
    modem.dial(options, (error, answer) => callback?.(faultOf(options.path) ?? error, answer));
  return Object.create(docker, { modem: { value: Object.create(modem, { dial: { value: dial } }) } });
}

test.each([
  ["of which nobody knows whether it was started", { "/start": lost }],
  ["whose network could not be made again", { "/start": withoutNetwork, "/networks?": lost }],
])("a container %s is removed, with its secrets", async (_, faults) => {
  const container = await make();
  const starting = startOrRemove(withFaults(faults), container, settings);
  await expect(starting).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
  expect(await inspectContainer(docker, container.id)).toBeUndefined();
});
