import { exitCodes, UserError } from "@workstation/cli";
import {
  type ContainerSettings,
  createContainer,
  type DockerConnection,
  ensureInboundNetwork,
  listContainers,
  listNetworks,
  putFiles,
  removeContainer,
  removeUnusedNetwork,
  startContainer,
  stopContainer,
} from "@workstation/docker";
import { containerLabels, containerPaths, type Site } from "@workstation/site";
import { inboundNetworks, runKind } from "./run-settings.ts";

/** A container that `images run` made. */
export interface RunContainer {
  readonly id: string;
  readonly name: string;
}

/** Makes a container under the name, or the first free one of `name-2`, `name-3` …, with its secrets in place. */
export async function makeRunContainer(
  docker: DockerConnection,
  site: Site,
  made: {
    readonly name: string;
    readonly settings: ContainerSettings;
    readonly secrets: Readonly<Record<string, string>>;
  },
): Promise<RunContainer> {
  await ensureNetwork(docker, made.settings);
  const container = await createUnderFreeName(docker, made.name, made.settings);
  const files = Object.entries(made.secrets).map(([path, content]) => ({
    path,
    mode: 0o444,
    content: Buffer.from(content),
  }));
  if (files.length === 0) return container;
  try {
    await putFiles(docker, container.id, { folder: containerPaths(site).secrets, files });
    return container;
  } catch (error) {
    return await removeAfter(docker, container.id, error);
  }
}

const ours = { [containerLabels.kind]: runKind };

async function ensureNetwork(docker: DockerConnection, { network }: ContainerSettings): Promise<void> {
  for (const from of ["this machine", "anywhere"] as const) {
    const name = inboundNetworks[from];
    if (network === name) await ensureInboundNetwork(docker, { name, from, labels: ours });
  }
}

const mostNames = 100;

async function createUnderFreeName(
  docker: DockerConnection,
  wanted: string,
  settings: ContainerSettings,
): Promise<RunContainer> {
  for (let number = 1; number <= mostNames; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    const id = await createContainer(docker, name, settings);
    if (id !== undefined) return { id, name };
  }
  throw new UserError("NAME_IN_USE", `there are ${mostNames} containers named ${wanted} already`, {
    hint: "npm run images -- run --list shows them, and --stop ends one",
  });
}

const mostStarts = 5;

/** Starts it; one of which that is not sure is removed. Throws `NOT_STARTED` with the engine's words. */
export async function startOrRemove(
  docker: DockerConnection,
  { id }: RunContainer,
  settings: ContainerSettings,
): Promise<void> {
  try {
    await start(docker, id, settings);
  } catch (error) {
    return await removeAfter(docker, id, error);
  }
}

async function start(docker: DockerConnection, id: string, settings: ContainerSettings): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const started = await startContainer(docker, id);
    if (started.outcome === "started") return;
    const words = "message" in started ? started.message : started.outcome;
    // Whoever ended the only other container meanwhile took the network along: one that was not started is not in it.
    if (attempt === mostStarts || !/network \S+ not found/i.test(words)) throw notStarted(settings, words);
    await ensureNetwork(docker, settings);
  }
}

/** Removes it, and throws the error that is the reason: a removal that fails as well says less. */
async function removeAfter(docker: DockerConnection, id: string, reason: unknown): Promise<never> {
  await removeRunContainer(docker, id, 0).catch(() => undefined);
  throw reason;
}

/** The error for a container that the engine did not start. */
export function notStarted({ image }: ContainerSettings, words: string): UserError {
  const taken = /port is already allocated|address already in use/i.test(words);
  return new UserError("NOT_STARTED", `the engine does not start ${image}: ${words}`, {
    hint: taken ? "another program has that port; leave its number out for a free one" : "see docker logs",
    exitCode: exitCodes.failure,
  });
}

/** Stops and removes it with all that belongs to it alone, and with the last one the networks. */
export async function removeRunContainer(
  docker: DockerConnection,
  id: string,
  graceSeconds: number,
): Promise<void> {
  await stopContainer(docker, id, graceSeconds);
  await removeContainer(docker, id);
  // To the engine, one that is made and not yet started is in no network.
  if ((await listContainers(docker, `${containerLabels.kind}=${runKind}`)).length > 0) return;
  for (const network of await listNetworks(docker)) {
    if (network.labels[containerLabels.kind] === runKind) await removeUnusedNetwork(docker, network.id);
  }
}
