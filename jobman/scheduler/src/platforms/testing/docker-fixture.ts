import { randomBytes } from "node:crypto";
import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectDocker,
  type DockerConnection,
  listContainers,
  listNetworks,
  listUnusedVolumes,
  removeContainer,
  removeNetwork,
  removeVolume,
} from "@workstation/docker";
import { containerLabels, loadSite, type Site, stateFolders, userFolder } from "@workstation/site";
import { createDockerEngine, type DockerEngine, type DockerEngineOptions } from "../docker/docker-engine.ts";
import type { EngineCapabilities, EngineFixture, TestCommands } from "./engine-fixture.ts";
import { makeSpec } from "./job-spec.ts";

/** An empty Docker engine of two random instances, and the folders that its jobs see. */
export interface DockerFixture extends EngineFixture {
  readonly engine: DockerEngine;
  readonly docker: DockerConnection;
  readonly instance: string;
  readonly state: string;
  readonly site: Site;
}

export const testImage = "workstation-base:debian-12";

export const dockerCapabilities: EngineCapabilities = {
  hasShell: true,
  tellsStreamsApart: true,
  badCommandFailsAtAdmission: true,
  keepsRecords: false,
  tellsUnfinishedLines: true,
  specificationBytes: 1_048_576,
};

/** What an image with bash can be asked for. */
export const shellCommands: TestCommands = {
  exit: (code) => ["bash", "-c", `exit ${code}`],
  print: (lines) => ["printf", "%s\\n", ...lines],
  wait: (line) => ["bash", "-c", `trap "exit 143" TERM; echo "$0"; while :; do sleep 0.1; done`, line],
};

/** Makes one; `options` replaces parts of the engine's own. */
export async function makeDockerFixture(options: Partial<DockerEngineOptions> = {}): Promise<DockerFixture> {
  const docker = options.docker ?? (await connectDocker());
  const run = randomBytes(4).toString("hex");
  const state = mkdtempSync(join(tmpdir(), "workstation-engine-"));
  makeFolders(state);
  const site = options.site ?? loadSite(join(import.meta.dirname, "../../../../../site.yaml"));
  const make = (instance: string) => createDockerEngine({ docker, site, state, ...options, instance });
  const instances = [`test-${run}`, `test-${run}-other`] as const;
  return {
    docker,
    site,
    state,
    instance: instances[0],
    engine: make(instances[0]),
    other: make(instances[1]),
    commands: shellCommands,
    shortGraceSeconds: 1,
    request: (parts, environment = {}) => ({
      spec: makeSpec({ image: testImage, ...parts }),
      environment,
      resources: { cores: 1, memoryBytes: 256e6 },
    }),
    async dispose() {
      for (const instance of instances) await removeInstance(docker, instance);
      rmSync(state, { recursive: true, force: true });
    },
  };
}

function makeFolders(state: string): void {
  const folders = stateFolders(state);
  const homes = ["alice", "bob", "carol", "dave"].map((user) => userFolder(state, user).persistentHome);
  for (const folder of [folders.datasets, folders.datalake, folders.sharedFolder, ...homes]) {
    mkdirSync(folder, { recursive: true });
  }
  if (process.getuid?.() === 0) for (const home of homes) chownSync(home, 20_001, 20_001);
}

/** Removes every object of an instance that a test made. */
export async function removeInstance(docker: DockerConnection, instance: string): Promise<void> {
  const label = `${containerLabels.instance}=${instance}`;
  for (const { id } of await listContainers(docker, label)) {
    const removed = docker.getContainer(id).remove({ force: true, v: true });
    await removed.catch(() => removeContainer(docker, id)); // gone, or going since the list
  }
  for (const { name } of await listUnusedVolumes(docker, label)) await removeVolume(docker, name);
  for (const network of await listNetworks(docker)) {
    if (network.labels[containerLabels.instance] === instance) await removeNetwork(docker, network.id);
  }
}
