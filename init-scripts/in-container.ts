import { randomUUID } from "node:crypto";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerSettings,
  containerSettings,
  createContainer,
  type DockerConnection,
  inspectContainer,
  localOpenFilesCeiling,
  readContainerLog,
  removeContainer,
  startContainer,
  stopContainer,
  waitForContainer,
} from "@workstation/docker";
import { containerLabels, containerPaths, containerProfile, loadSite } from "@workstation/site";
import { afterAll } from "vitest";

export const testImage = process.env.WORKSTATION_TEST_IMAGE ?? "ubuntu-python:latest";
const site = loadSite(join(import.meta.dirname, "../site.yaml"));
export const { home } = containerPaths(site);
const mebibyte = 1024 * 1024;

export interface RunOptions {
  readonly uid?: number;
  readonly init?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly moreBinds?: ContainerSettings["binds"];
  /** What differs from a job as the scheduler starts it. */
  readonly settings?: Partial<ContainerSettings>;
}

export interface Running {
  readonly id: string;
  /** A folder of the host, the container's persistent home. */
  readonly persistentHome: string;
  readonly ended: () => Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Waits until a line of its output contains the text. */
  readonly wrote: (text: string) => Promise<void>;
  readonly stop: (graceSeconds: number) => Promise<void>;
}

const cleanUps: (() => Promise<void>)[] = [];

afterAll(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()));
});

/** Starts the image as the scheduler starts a job: read-only, no capability, no network. Removed after the file's tests. */
export async function runInContainer(
  docker: DockerConnection,
  command: readonly string[],
  options: RunOptions = {},
): Promise<Running> {
  const uid = options.uid ?? 1000;
  const name = `init-test-${randomUUID()}`;
  const persistentHome = await makePersistentHome(uid, options.init);
  const profile = await jobLike(docker, { uid, gid: uid });
  const binds = [{ source: persistentHome, target: `${home}/persistent-home`, readOnly: false }];
  const base = { ...profile, binds, command, ...options.settings };
  const id = await createContainer(docker, name, {
    ...base,
    labels: { [containerLabels.instance]: name },
    environment: { ...base.environment, ...options.environment },
    binds: [...base.binds, ...(options.moreBinds ?? [])],
  });
  if (id === undefined) throw new Error(`the random name ${name} is taken`);
  cleanUps.push(async () => {
    await stopContainer(docker, id, 0);
    await removeContainer(docker, id);
    await rm(persistentHome, { recursive: true, force: true });
  });
  const started = await startContainer(docker, id);
  if (started.outcome !== "started") throw new Error(`not started: ${JSON.stringify(started)}`);
  return {
    id,
    persistentHome,
    ended: () => resultOf(docker, id),
    wrote: (text) => waitForText(docker, id, text),
    stop: (graceSeconds) => stopContainer(docker, id, graceSeconds),
  };
}

async function makePersistentHome(uid: number, init: string | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "init-test-"));
  if (init !== undefined) await writeFile(join(folder, "init.sh"), init);
  if (process.getuid?.() === 0) await chown(folder, uid, uid);
  else await chmod(folder, 0o777);
  return folder;
}

async function jobLike(
  docker: DockerConnection,
  ids: { readonly uid: number; readonly gid: number },
): Promise<ContainerSettings> {
  const profile = containerProfile(site, {
    kind: "job",
    size: { cores: 1, memoryBytes: 512 * mebibyte },
    ids,
    openFilesCeiling: await localOpenFilesCeiling(docker),
  });
  return containerSettings(profile, { image: testImage, labels: {}, places: { state: "/nowhere" } });
}

async function resultOf(docker: DockerConnection, id: string) {
  const code = await waitForContainer(docker, id, AbortSignal.timeout(90_000));
  const output = { stdout: "", stderr: "" };
  for await (const line of readContainerLog(docker, id, {
    follow: false,
    signal: AbortSignal.timeout(30_000),
  })) {
    output[line.stream] += line.data.toString();
  }
  return { code, ...output };
}

async function waitForText(docker: DockerConnection, id: string, text: string): Promise<void> {
  for await (const line of readContainerLog(docker, id, {
    follow: true,
    signal: AbortSignal.timeout(60_000),
  })) {
    if (line.data.includes(text)) return;
  }
  const state = await inspectContainer(docker, id);
  throw new Error(`the container ended (${state?.exitCode}) and never wrote ${JSON.stringify(text)}`);
}
