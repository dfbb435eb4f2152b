import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter, formatBytes, UserError } from "@workstation/cli";
import { connectDocker, removeImage } from "@workstation/docker";
import type { PlannedImage } from "../../tools/images/src/plan/plan.ts";
import { readPlan } from "../../tools/images/src/plan/read-plan.ts";
import { openWorkspace } from "../../tools/images/src/workspace/workspace.ts";
import { projectFolder } from "../setup/places.ts";
import { projectPath } from "../start/context.ts";
import { buildsByHand } from "./by-hand.ts";
import { dockerClient } from "./docker-client.ts";
import { type BenchRow, inTurn, median, ratioRow } from "./row.ts";
import { runProgram } from "./run-program.ts";

const rounds = 7;
const mostSeconds = 2;
const command = projectPath("tools/images/bin/images.js");
// A variable of some machines that makes every Node slower to start.
const environment = { ...process.env, NODE_EXTRA_CA_CERTS: undefined };

/** A plan and a build with nothing changed, beside `docker build` of the same Dockerfiles: all of them as commands. */
export async function benchUnchanged(): Promise<readonly BenchRow[]> {
  const images = await upToDate();
  const names = images.map(({ image }) => `${image.name}:${image.variant}`);
  const folder = mkdtempSync(join(tmpdir(), "bench-contexts-"));
  const docker = await dockerClient();
  const builds = buildsByHand(images, folder);
  const allByHand = async (): Promise<void> => {
    for (const build of builds) await docker(build);
  };
  const against = `\`docker build\` of ${builds.length === 1 ? "the image" : `${builds.length} images in turn`}`;
  try {
    const rows: BenchRow[] = [];
    for (const verb of ["plan", "build"]) {
      const ours = () => runProgram(["node", command, verb, ...names], environment);
      const pairs = await inTurn(rounds, ours, allByHand);
      const seconds = median(pairs.map((pair) => pair.ours)) / 1000;
      const row = ratioRow(`\`images ${verb}\`, nothing changed`, pairs, { atMost: 1, against });
      rows.push({ ...row, target: `≤ ${mostSeconds} s and ≤ 1 ×`, met: row.met && seconds <= mostSeconds });
    }
    return rows;
  } finally {
    const connection = await connectDocker();
    for (const { tag } of builds) await removeImage(connection, tag);
    rmSync(folder, { recursive: true });
  }
}

/** Images with nothing to do, and so those that both commands are done with at once. */
async function upToDate(): Promise<readonly PlannedImage[]> {
  const { signal } = new AbortController();
  const reporter = createReporter({ write: () => true });
  const workspace = openWorkspace({ stdout: process.stdout, reporter, root: projectFolder, signal });
  const plan = await readPlan(await connectDocker(), workspace, { names: [] });
  const images = plan.filter((planned) => planned.state === "up to date");
  if (images.length > 0) return images;
  throw new UserError("NOTHING_BUILT", "no image of the family is up to date here", {
    hint: "npm run images -- build",
  });
}

/** What the images weigh as they are pushed. */
export async function benchSizes(): Promise<readonly BenchRow[]> {
  const stdout = await runProgram(["node", command, "size", "--json"]);
  return (JSON.parse(stdout) as { readonly images: readonly ImageSize[] }).images.map((image) => ({
    what: `${image.name} (${image.variant}), compressed`,
    ours: `${formatBytes(image.gzip)} gzip, ${formatBytes(image.zstd)} zstd`,
    reference: "",
    ratio: "",
    target: image.target === null ? "none" : `≤ ${formatBytes(image.target)} gzip`,
    met: image.target === null || image.gzip <= image.target,
    note: "`images size` shows the layers",
  }));
}

/** What `images size --json` says of one image. */
interface ImageSize {
  readonly name: string;
  readonly variant: string;
  readonly target: number | null;
  readonly gzip: number;
  readonly zstd: number;
}
