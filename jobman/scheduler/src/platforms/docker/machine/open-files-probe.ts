import { randomBytes } from "node:crypto";
import { UserError } from "@workstation/cli";
import {
  type ContainerSettings,
  createContainer,
  type DockerConnection,
  listContainers,
  removeContainer,
  startContainer,
  stopContainer,
} from "@workstation/docker";
import { containerLabels, type Site } from "@workstation/site";
import { instanceLabel } from "../containers/job-objects.ts";

/** An engine, and an image on it that may be started. */
export interface ProbedEngine {
  readonly docker: DockerConnection;
  readonly instance: string;
  readonly site: Site;
}

/**
 * How many open files an engine on another machine gives a container, at most `limits.openFiles`: found by starting
 * containers whose program does not exist. An engine sets limits before it looks for the program, so that its refusal tells,
 * and nothing runs. Throws `OPEN_FILES_REFUSED`, and what `createContainer` throws.
 */
export async function probeOpenFiles(engine: ProbedEngine, image: string): Promise<number> {
  await removeProbes(engine);
  const wanted = engine.site.limits.openFiles;
  for (let openFiles = wanted; openFiles >= fewest; openFiles = Math.floor(openFiles / 2)) {
    if (await isGiven(engine, image, openFiles)) return openFiles;
  }
  throw new UserError("OPEN_FILES_REFUSED", `the engine gives a container not even ${fewest} open files`, {
    hint: `site.yaml asks for ${wanted} (limits.openFiles); raise the engine's own limit (LimitNOFILE of docker.service)`,
  });
}

/** True for the engine's words when it may not give a container so many open files. */
export function isOpenFilesRefusal(words: string): boolean {
  return /error setting rlimit/i.test(words);
}

const fewest = 256;
const kind = "probe";

async function isGiven(engine: ProbedEngine, image: string, openFiles: number): Promise<boolean> {
  const name = `${engine.instance}-probe-${randomBytes(4).toString("hex")}`;
  const id = await createContainer(engine.docker, name, probeSettings(engine, image, openFiles));
  if (id === undefined) throw new Error("a random container name was taken");
  try {
    const result = await startContainer(engine.docker, id);
    return result.outcome !== "refused" || !isOpenFilesRefusal(result.message);
  } finally {
    await stopContainer(engine.docker, id, 0);
    await removeContainer(engine.docker, id);
  }
}

/** Those that a crash left. */
async function removeProbes({ docker, instance }: ProbedEngine): Promise<void> {
  const rows = await listContainers(docker, instanceLabel(instance));
  const left = rows.filter(({ labels }) => labels[containerLabels.kind] === kind);
  for (const { id } of left) await removeContainer(docker, id);
}

function probeSettings(
  { instance, site }: ProbedEngine,
  image: string,
  openFiles: number,
): ContainerSettings {
  return {
    image,
    entrypoint: ["/no-program-of-this-name"],
    command: [],
    environment: {},
    labels: { [containerLabels.instance]: instance, [containerLabels.kind]: kind },
    uid: site.user.uid,
    gid: site.user.gid,
    hostname: kind,
    workingFolder: "/",
    limits: { cores: 1, memoryBytes: 64e6, sharedMemoryBytes: 1e6, pids: 16, openFiles, logBytes: 1e6 },
    binds: [],
    scratch: [],
    memoryFolders: [],
    network: "none",
    hostEntries: [],
    gpus: [],
  };
}
