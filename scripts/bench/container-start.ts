import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ContainerSettings,
  connectDocker,
  containerSettings,
  createContainer,
  type DockerConnection,
  localOpenFilesCeiling,
  readContainerLog,
  removeContainer,
  startContainer,
} from "@workstation/docker";
import { containerPaths, containerProfile, type Site } from "@workstation/site";
import { type BenchRow, inTurn, median } from "./row.ts";

const rounds = 12;
const limitMs = 120;

/** The entry point with an empty init.sh, against the same image without its entry point. */
export async function benchContainerStart(site: Site, image: string): Promise<BenchRow> {
  const docker = await connectDocker();
  const home = await mkdtemp(join(tmpdir(), "bench-home-"));
  await writeFile(join(home, "init.sh"), "", { mode: 0o755 });
  const settings = await jobSettings(docker, site, { image, home });
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

async function jobSettings(
  docker: DockerConnection,
  site: Site,
  job: { readonly image: string; readonly home: string },
): Promise<ContainerSettings> {
  const profile = containerProfile(site, {
    kind: "job",
    size: { cores: 1, memoryBytes: 2e9 },
    openFilesCeiling: await localOpenFilesCeiling(docker),
  });
  const settings = containerSettings(profile, {
    image: job.image,
    labels: {},
    places: { state: "/nowhere" },
  });
  const target = containerPaths(site).persistentHome;
  return { ...settings, binds: [{ source: job.home, target, readOnly: false }] };
}
