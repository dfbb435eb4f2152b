import { execFile } from "node:child_process";
import { type DockerConnection, engineSocket, listVolumes, volumeSizes } from "@workstation/docker";
import type { ScratchUse } from "../../engine.ts";
import type { EngineContext } from "../context.ts";
import { instanceLabel, jobIdOf } from "../engine/job-objects.ts";

/**
 * What the jobs `ids` hold on disk: home, /tmp and /var/tmp of each together. Beside the engine and as root by du(1), a
 * process of its own; else as the engine reckons, which counts no files. Jobs that could not be measured are missing.
 */
export async function scratchUse(
  context: EngineContext,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ScratchUse>> {
  const wanted = new Set(ids);
  const volumes = (await listVolumes(context.docker, instanceLabel(context.instance))).flatMap((volume) => {
    const id = jobIdOf(volume.labels, context.instance);
    return id !== undefined && wanted.has(id) ? [{ ...volume, id }] : [];
  });
  const here = process.getuid?.() === 0 && engineSocket(context.docker) !== undefined;
  const sizes = here ? await measure(volumes) : await reckoned(context.docker);
  const use = new Map<string, ScratchUse>();
  for (const { id, name, mountpoint } of volumes) {
    const found = sizes.get(here ? mountpoint : name);
    const before = use.get(id) ?? { bytes: 0, files: 0 };
    if (found !== undefined)
      use.set(id, { bytes: before.bytes + found.bytes, files: before.files + found.files });
  }
  return use;
}

async function reckoned(docker: DockerConnection): Promise<ReadonlyMap<string, ScratchUse>> {
  const sizes = await volumeSizes(docker);
  return new Map([...sizes].map(([name, bytes]) => [name, { bytes, files: 0 }]));
}

async function measure(
  volumes: readonly { readonly mountpoint: string }[],
): Promise<ReadonlyMap<string, ScratchUse>> {
  if (volumes.length === 0) return new Map();
  const folders = volumes.map((each) => each.mountpoint);
  const [bytes, files] = await Promise.all([du("--block-size=1", folders), du("--inodes", folders)]);
  return new Map(
    [...bytes].map(([folder, size]) => [folder, { bytes: size, files: files.get(folder) ?? 0 }]),
  );
}

/** A walk that takes longer ends without an answer: a disk that is that slow is no reason to end a job. */
const walkLimitMs = 60_000;

/** Files come and go while it walks, of which du complains; what it counted stands all the same. */
function du(unit: string, folders: readonly string[]): Promise<ReadonlyMap<string, number>> {
  return new Promise((resolve) => {
    const argv = ["--summarize", "--one-file-system", "--null", unit, "--", ...folders];
    execFile("du", argv, { timeout: walkLimitMs, maxBuffer: 16 * 1024 * 1024 }, (_, stdout) => {
      const entries = stdout.split("\0").map((each) => each.split("\t"));
      resolve(
        new Map(
          entries.flatMap(([count, folder]) => (folder === undefined ? [] : [[folder, Number(count)]])),
        ),
      );
    });
  });
}
