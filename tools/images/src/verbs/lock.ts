import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import type { Command } from "commander";
import { readFamily } from "../family/read-family.ts";
import { askDigests, writeDigests } from "../locks/base-digests.ts";
import { type LockJob, lockJobs } from "../locks/lock-jobs.ts";
import { fits, type LockState, lockState, rememberInputs } from "../locks/locked-inputs.ts";
import { makeLock } from "../locks/make-lock.ts";
import { indexProblem } from "../locks/package-index.ts";
import { provideUv } from "../locks/uv.ts";
import { writingTo } from "../workspace/file-fault.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[layer...]", "layers to lock (default: all)")
    .option("--upgrade", "take the newest versions instead of keeping what is locked")
    .option("--check", "change nothing, ask nobody; exit code 1 when a lock was made of other requirements")
    .option("--dry-run", "say of what each lock would be made, and which are not current")
    .option("--no-base", "ask no registry for the digests of the bases")
    .option("--json", "locks: lock, python, requirements, state");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  const { root } = workspace;
  const exists = (path: string): boolean => existsSync(join(root, path));
  const all = lockJobs(await readFamily(root), exists);
  const jobs = jobsOf(all, options.names);
  if (options.check === true || options.dryRun === true) {
    const rows = jobs.map((job): Row => ({ job, state: lockState(root, job) }));
    report(workspace, rows, options);
    const allFit = jobs.every((job) => fits(lockState(root, job)));
    return options.check !== true || allFit ? exitCodes.ok : exitCodes.failure;
  }
  const rows = await makeLocks(workspace, jobs, options);
  const made = rows.map((row) => row.job);
  rememberInputs(root, made, all);
  if (options.base !== false) {
    const digests = await askDigests(workspace.site, workspace.reporter);
    if (writeDigests(workspace.siteFile, digests))
      workspace.stdout.write("changed: site.yaml (digests of the bases)\n");
  }
  report(workspace, rows, options);
  return undefined;
}

interface Row {
  readonly job: LockJob;
  readonly state: LockState | "changed" | "unchanged";
}

async function makeLocks(
  workspace: Workspace,
  jobs: readonly LockJob[],
  options: GivenOptions,
): Promise<readonly Row[]> {
  const { root, signal } = workspace;
  const settings = { root, signal, uv: await provideUv(root), upgrade: options.upgrade === true };
  const rows: Row[] = [];
  for (const job of jobs) {
    const obstacle = await obstacleTo(job, workspace);
    if (obstacle !== undefined) {
      workspace.reporter.warn(`${job.lock} stays as it is: ${obstacle}`);
      continue;
    }
    const text = await workspace.reporter.step(`Resolve ${job.lock}`, () => makeLock(job, settings));
    const file = join(root, job.lock);
    const changed = !existsSync(file) || readFileSync(file, "utf8") !== text;
    if (changed) {
      writingTo(file, () => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      });
    }
    rows.push({ job, state: changed ? "changed" : "unchanged" });
  }
  return rows;
}

/** Why a lock cannot be made on this machine. */
async function obstacleTo(job: LockJob, { root, signal }: Workspace): Promise<string | undefined> {
  const missing = job.below.find((lock) => !existsSync(join(root, lock)));
  if (missing !== undefined) return `it must agree with ${missing}, which is not made yet`;
  return job.index === undefined ? undefined : indexProblem(job.index, signal);
}

function jobsOf(jobs: readonly LockJob[], layers: readonly string[]): readonly LockJob[] {
  const known = [...new Set(jobs.map(layerOf))];
  const unknown = layers.find((layer) => !known.includes(layer));
  if (unknown !== undefined) {
    throw new UserError("LAYER_UNKNOWN", `there is no layer "${unknown}" that has locks`, {
      hint: `layers with locks: ${known.join(", ")}`,
    });
  }
  return layers.length === 0 ? jobs : jobs.filter((job) => layers.includes(layerOf(job)));
}

function layerOf(job: LockJob): string {
  return job.lock.split("/")[1] ?? "";
}

function report(workspace: Workspace, rows: readonly Row[], options: GivenOptions): void {
  const locks = rows.map(({ job: { lock, python, requirements }, state }) => ({
    lock,
    python,
    requirements,
    state,
  }));
  const lines = rows.map(
    ({ job, state }) => `${state}: ${job.lock} from ${job.requirements.join(" and ")}\n`,
  );
  workspace.stdout.write(options.json === true ? jsonText({ locks }) : lines.join(""));
}
