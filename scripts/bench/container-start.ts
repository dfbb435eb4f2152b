import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerSettings,
  connectDocker,
  createContainer,
  type DockerConnection,
  readContainerLog,
  removeContainer,
  startContainer,
} from "@workstation/docker";
import { containerPaths, type Site } from "@workstation/site";
import { type BenchRow, inTurn, median } from "./row.ts";

const rounds = 12;
const limitMs = 120;

/** The entry point with an empty init.sh, against the same image without its entry point. */
export async function benchContainerStart(site: Site, image: string): Promise<BenchRow> {
  const docker = await connectDocker();
  const home = await mkdtemp(join(tmpdir(), "bench-home-"));
  await writeFile(join(home, "init.sh"), "", { mode: 0o755 });
  const settings = containerSettings(site, image, home);
  try {
    const pairs = await inTurn(
      rounds,
      () => runToEnd(docker, { ...settings, command: ["/bin/true"] }),
      () => runToEnd(docker, { ...settings, entrypoint: ["/bin/true"] }),
    );
    const added = median(pairs.map((pair) => pair.ours - pair.reference));
    return {
      what: "container start: entry point and an empty init.sh",
      ours: `${median(pairs.map((pair) => pair.ours)).toFixed(0)} ms`,
      reference: `${median(pairs.map((pair) => pair.reference)).toFixed(0)} ms (without the entry point)`,
      ratio: `+ ${added.toFixed(0)} ms`,
      target: `≤ + ${limitMs} ms`,
      met: added <= limitMs,
      note: "the entry point forks too often",
    };
  } finally {
    await rm(home, { recursive: true });
  }
}

async function runToEnd(docker: DockerConnection, settings: ContainerSettings): Promise<void> {
  const id = await createContainer(docker, `bench-${randomUUID()}`, settings);
  if (id === undefined) throw new Error("a random container name was taken");
  await startContainer(docker, id);
  const { signal } = new AbortController();
  for await (const _ of readContainerLog(docker, id, { follow: true, signal }));
  await removeContainer(docker, id);
}

function containerSettings(site: Site, image: string, home: string): ContainerSettings {
  const inside = containerPaths(site);
  return {
    image,
    environment: { WORKSTATION_KIND: "job" },
    labels: {},
    uid: site.user.uid,
    gid: site.user.gid,
    hostname: "bench",
    workingFolder: inside.home,
    limits: {
      cores: 1,
      memoryBytes: 1e9,
      sharedMemoryBytes: 64e6,
      pids: 256,
      openFiles: 1024,
      logBytes: 1e6,
    },
    binds: [{ source: home, target: inside.persistentHome, readOnly: false }],
    scratch: [inside.home],
    memoryFolders: [
      { target: "/run/workstation", options: "mode=1777,size=16m" },
      { target: "/tmp", options: "mode=1777,size=64m" },
    ],
    network: "none",
    hostEntries: [],
    gpus: [],
  };
}
