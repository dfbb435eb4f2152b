import { randomUUID } from "node:crypto";
import {
  type ContainerSettings,
  containerSettings,
  createContainer,
  type DockerConnection,
  localOpenFilesCeiling,
  readContainerLog,
  removeContainer,
  startContainer,
  stopContainer,
  waitForContainer,
} from "@workstation/docker";
import { containerProfile, type Places, type Site } from "@workstation/site";

/** Whose desktop it is, on which machine, and what it has of jobman: a Node and the bundles. */
export interface Desktop {
  readonly site: Site;
  readonly places: Places;
  readonly owner: string;
  readonly ids: { readonly uid: number; readonly gid: number };
  readonly image: string;
  readonly nodeFolder: string;
  readonly jobmanFolder: string;
}

/** Runs jobman inside a container as it lies in a desktop: no network, no capability, read-only. */
export async function runInDesktop(docker: DockerConnection, desktop: Desktop, words: readonly string[]) {
  const name = `jobman-test-${randomUUID()}`;
  const id = await createContainer(docker, name, {
    ...(await settingsOf(docker, desktop)),
    command: words,
    labels: { "workstation.test-run": name },
  });
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

async function settingsOf(docker: DockerConnection, desktop: Desktop): Promise<ContainerSettings> {
  const profile = containerProfile(desktop.site, {
    kind: "desktop",
    size: { cores: 1, memoryBytes: 512e6 },
    ids: desktop.ids,
    owner: desktop.owner,
    openFilesCeiling: await localOpenFilesCeiling(docker),
  });
  const settings = containerSettings(profile, { image: desktop.image, labels: {}, places: desktop.places });
  const bind = (source: string, target: string) => ({ source, target, readOnly: true });
  return {
    ...settings,
    entrypoint: ["/opt/node/node", "--", "/opt/jobman/bin/jobman.js"],
    binds: [
      ...settings.binds,
      bind(desktop.nodeFolder, "/opt/node"),
      bind(desktop.jobmanFolder, "/opt/jobman"),
    ],
  };
}
