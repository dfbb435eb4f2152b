import { createReporter, formatBytes } from "@workstation/cli";
import { connectDocker } from "@workstation/docker";
import { readBuildMachine } from "../../tools/images/src/builder/build-machine.ts";
import { buildOne } from "../../tools/images/src/builder/build-one.ts";
import { readPlan } from "../../tools/images/src/plan/read-plan.ts";
import { openWorkspace } from "../../tools/images/src/workspace/workspace.ts";
import { projectFolder } from "../setup/places.ts";
import { projectPath } from "../start/context.ts";
import { type BenchRow, inTurn, median, ratioRow } from "./row.ts";
import { runProgram } from "./run-program.ts";

const rounds = 5;
const mostSeconds = 2;
const command = projectPath("tools/images/bin/images.js");
const against = "a no-change docker build of each image in turn";
const note =
  "the builds beside it are bare API calls in a process that already runs, without a docker command's own start; " +
  "most of ours is Node's start and the loading of the sources and of dockerode (taken apart for the plan: all but 30 to 50 ms)";

/** A plan and a build with nothing changed, beside the builds that they save. */
export async function benchUnchanged(): Promise<readonly BenchRow[]> {
  const rebuild = await bareBuilds();
  const rows: BenchRow[] = [];
  for (const verb of ["plan", "build"]) {
    const pairs = await inTurn(rounds, () => runProgram(["node", command, verb]), rebuild);
    const seconds = median(pairs.map((pair) => pair.ours)) / 1000;
    const row = ratioRow(`\`images ${verb}\`, nothing changed`, pairs, { atMost: 1, against, note });
    rows.push({ ...row, target: `≤ ${mostSeconds} s and ≤ 1 ×`, met: row.met && seconds <= mostSeconds });
  }
  return rows;
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

/** Asks the engine's BuildKit for every image of the family, which finds each step in its cache. */
async function bareBuilds(): Promise<() => Promise<void>> {
  const { signal } = new AbortController();
  const reporter = createReporter({ write: () => true });
  const workspace = openWorkspace({ stdout: process.stdout, reporter, root: projectFolder, signal });
  const docker = await connectDocker();
  const plan = await readPlan(docker, workspace, { names: [] });
  const machine = readBuildMachine(process.env, undefined);
  return async () => {
    for (const planned of plan)
      await buildOne(docker, planned, { machine, signal, noCache: false, reporter, tags: [] });
  };
}
