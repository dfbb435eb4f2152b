import { randomUUID } from "node:crypto";
import {
  type ContainerSettings,
  createContainer,
  type DockerConnection,
  readContainerLog,
  removeContainer,
  startContainer,
  stopContainer,
  waitForContainer,
} from "@workstation/docker";

/** What a desktop has of jobman: its user, the folder of that user's socket, a Node and the bundles. */
export interface Desktop {
  readonly image: string;
  readonly uid: number;
  readonly gid: number;
  readonly socketFolder: string;
  readonly nodeFolder: string;
  readonly jobmanFolder: string;
}

/** Runs jobman inside a container as it lies in a desktop: no network, no capability, read-only. */
export async function runInDesktop(docker: DockerConnection, desktop: Desktop, words: readonly string[]) {
  const name = `jobman-test-${randomUUID()}`;
  const id = await createContainer(docker, name, settingsOf(desktop, { name, words }));
  if (id === undefined) throw new Error(`the random name ${name} is taken`);
  try {
    await startContainer(docker, id);
    const signal = AbortSignal.timeout(60_000);
    const exitCode = await waitForContainer(docker, id, signal);
    const output = { stdout: "", stderr: "" };
    for await (const line of readContainerLog(docker, id, { follow: false, signal }))
      output[line.stream] += line.data.toString("utf8");
    return { exitCode, ...output };
  } finally {
    await stopContainer(docker, id, 0);
    await removeContainer(docker, id);
  }
}

function settingsOf(
  desktop: Desktop,
  { name, words }: { readonly name: string; readonly words: readonly string[] },
): ContainerSettings {
  const bind = (source: string, target: string) => ({ source, target, readOnly: true });
  return {
    image: desktop.image,
    entrypoint: ["/opt/node/node", "--", "/opt/jobman/bin/jobman.js"],
    command: words,
    environment: {},
    labels: { "workstation.test-run": name },
    uid: desktop.uid,
    gid: desktop.gid,
    hostname: "desktop",
    workingFolder: "/",
    limits: {
      cores: 1,
      memoryBytes: 512e6,
      sharedMemoryBytes: 64e6,
      pids: 64,
      openFiles: 1024,
      logBytes: 1e6,
    },
    binds: [
      bind(desktop.socketFolder, "/run/jobman"),
      bind(desktop.nodeFolder, "/opt/node"),
      bind(desktop.jobmanFolder, "/opt/jobman"),
    ],
    scratch: [],
    memoryFolders: [],
    network: "none",
    hostEntries: [],
    gpus: [],
  };
}
