import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import {
  type ContainerSettings,
  connectDocker,
  createContainer,
  type DockerConnection,
  inspectContainer,
  readContainerLog,
  removeContainer,
  startContainer,
} from "@workstation/docker";
import { containerPaths, stateFolders } from "@workstation/site";
import { datasetFolder, type StartContext } from "./context.ts";

const generator = "/usr/local/share/workstation/application-examples/synthetic-dataset/make_dataset.py";

/** Makes the example's dataset with the generator that lies in the image, unless it is there. */
export async function makeDataset(context: StartContext, reporter: Reporter): Promise<void> {
  if (existsSync(datasetFolder(context))) {
    reporter.info(`${context.dataset} is there`);
    return;
  }
  const folders = stateFolders(context.places.state);
  for (const folder of [folders.datasets, folders.datalake])
    mkdirSync(folder, { recursive: true, mode: 0o755 });
  const docker = await connectDocker();
  const id = await createContainer(docker, `workstation-dataset-${randomUUID()}`, settings(context));
  if (id === undefined) throw new Error("a random container name was taken");
  try {
    await runGenerator(docker, id, reporter);
  } finally {
    await removeContainer(docker, id);
  }
}

async function runGenerator(docker: DockerConnection, id: string, reporter: Reporter): Promise<void> {
  await startContainer(docker, id);
  const output: string[] = [];
  const signal = new AbortController().signal;
  for await (const line of readContainerLog(docker, id, { follow: true, signal })) {
    const text = line.data.toString().trimEnd();
    output.push(text);
    if (line.stream === "stderr") reporter.progress(text);
  }
  const state = await inspectContainer(docker, id);
  if (state?.exitCode !== 0) {
    throw new UserError(
      "DATASET_NOT_MADE",
      `the generator ended with ${state?.exitCode}:\n${output.join("\n")}`,
      {
        exitCode: exitCodes.failure,
      },
    );
  }
  reporter.info(output.at(-1) ?? "");
}

/** A chore of the machine's own account, which owns the state folder: no container of the site's users. */
function settings(context: StartContext): ContainerSettings {
  const folders = stateFolders(context.places.state);
  const inside = containerPaths(context.site);
  return {
    image: context.image,
    entrypoint: ["python3", generator],
    command: [
      context.dataset,
      ...["--datasets", "/out/datasets", "--datalake", "/out/datalake"],
      ...["--link-root", inside.datalake],
    ],
    environment: {},
    labels: {},
    uid: process.getuid?.() ?? context.site.user.uid,
    gid: process.getgid?.() ?? context.site.user.gid,
    hostname: "dataset",
    workingFolder: "/tmp",
    limits: {
      cores: 1,
      memoryBytes: 2e9,
      sharedMemoryBytes: 64e6,
      pids: 256,
      openFiles: 1024,
      logBytes: 1e6,
    },
    binds: [
      { source: folders.datasets, target: "/out/datasets", readOnly: false },
      { source: folders.datalake, target: "/out/datalake", readOnly: false },
    ],
    scratch: [],
    memoryFolders: [{ target: "/tmp", options: "mode=1777,size=256m" }],
    network: "none",
    hostEntries: [],
    gpus: [],
  };
}
