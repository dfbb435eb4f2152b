import { UserError } from "@workstation/cli";
import { connectDocker, type DockerConnection, engineDisk } from "@workstation/docker";
import type { Command } from "commander";
import { findBase } from "../base/choose-base.ts";
import { buildFamily, type ImageTester, usualParallel } from "../builder/build-family.ts";
import { readBuildMachine } from "../builder/build-machine.ts";
import { diskNeed, tellDiskNeed } from "../builder/disk-need.ts";
import { prepareBuild } from "../builder/prepare-build.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { planData } from "../plan/plan-data.ts";
import { readPlan } from "../plan/read-plan.ts";
import { measuredSizes, readSizeTable } from "../size/size-table.ts";
import { requireTested, tellRemembered } from "../test-runner/test-planned.ts";
import { setAsideUnbuildable } from "../test-runner/unbuildable.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText, Unfinished } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images to build, with what they stand on (default: all)")
    .option("--no-test", "build only: the image gets its content tag, and latest stays where it is")
    .option("--all-tests", "run also the tests that these contents have passed before")
    .option("--no-cache", "repeat every step")
    .option("--parallel <count>", "images built at the same time", String(usualParallel))
    .option("--index <url>", "package index of this build (default: the one that pip and uv use here)")
    .option("--dry-run", "say what would be built, and why")
    .option(
      "--json",
      "what was (or would be) built, as `images plan --json` shows it, and the error that stopped it",
    );
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const docker = await connectDocker();
  let due: readonly PlannedImage[] = [];
  try {
    due = await planDue(docker, workspace, options);
    if (options.dryRun !== true) {
      due = setAsideUnbuildable(workspace, due, options.names);
      await sayDiskNeed(docker, workspace, due);
      await build(docker, workspace, { due, options });
    }
  } catch (error) {
    if (options.json !== true) throw error;
    throw new Unfinished(error, { images: (await asItStands(docker, workspace, due)).map(planData) });
  }
  report(workspace, due, options);
}

/** What is to be done; unless nothing is to be changed, all that it needs is brought here first. */
async function planDue(
  docker: DockerConnection,
  workspace: Workspace,
  options: GivenOptions,
): Promise<readonly PlannedImage[]> {
  const acting = options.dryRun !== true;
  const base = acting
    ? await prepareBuild(docker, workspace, options.names)
    : await findBase(docker, workspace);
  const plan = await readPlan(docker, workspace, { names: options.names, base });
  const everything = options.cache === false || options.allTests === true;
  const due = plan.filter((planned) => planned.state !== "up to date" || everything);
  const done = plan.filter((planned) => !due.includes(planned));
  if (acting) await tellRemembered(docker, workspace, done);
  return due;
}

async function sayDiskNeed(
  docker: DockerConnection,
  workspace: Workspace,
  due: readonly PlannedImage[],
): Promise<void> {
  const sizes = measuredSizes(readSizeTable(workspace.root), workspace.site.base.distribution)?.images;
  const need = diskNeed(due, (id) => sizes?.[id]?.own.reduce((sum, step) => sum + step.gzip, 0));
  if (need > 0) tellDiskNeed(need, await engineDisk(docker), workspace.reporter);
}

function build(
  docker: DockerConnection,
  workspace: Workspace,
  { due, options }: { readonly due: readonly PlannedImage[]; readonly options: GivenOptions },
): Promise<void> {
  const all = options.allTests === true;
  const test: ImageTester = (planned, reporter) =>
    requireTested(docker, { ...workspace, reporter }, { planned, all });
  return buildFamily(docker, workspace, {
    plan: due,
    parallel: wholeNumber(String(options.parallel)),
    test: options.test === false ? undefined : test,
    settings: {
      machine: readBuildMachine(process.env, options.index as string | undefined),
      signal: workspace.signal,
      noCache: options.cache === false,
    },
  });
}

function report(workspace: Workspace, due: readonly PlannedImage[], options: GivenOptions): void {
  if (options.json === true) workspace.stdout.write(jsonText({ images: due.map(planData) }));
  else if (due.length === 0) workspace.reporter.info("everything is up to date");
  else for (const planned of due) workspace.stdout.write(`${planned.content}\n`);
}

/** What was due, as it stands after the failure: what was finished before it is up to date. */
async function asItStands(
  docker: DockerConnection,
  workspace: Workspace,
  due: readonly PlannedImage[],
): Promise<readonly PlannedImage[]> {
  const names = [...new Set(due.map((planned) => planned.image.name))];
  const now = names.length === 0 ? [] : await readPlan(docker, workspace, { names });
  return now.filter(({ content }) => due.some((planned) => planned.content === content));
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text);
  throw new UserError("PARALLEL_INVALID", `--parallel is ${JSON.stringify(text)}`, {
    hint: "give a whole number from 1 to 99",
  });
}
