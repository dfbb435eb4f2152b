import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import type { Command } from "commander";
import { readFamily } from "../family/read-family.ts";
import { askDigests, writeDigests } from "../locks/base-digests.ts";
import { type LockJob, lockJobs } from "../locks/lock-jobs.ts";
import { makeLock } from "../locks/make-lock.ts";
import { provideUv } from "../locks/uv.ts";
import { writingTo } from "../workspace/file-fault.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[layer...]", "layers to lock (default: all)")
    .option("--upgrade", "take the newest versions instead of keeping what is locked")
    .option("--check", "change nothing; exit code 1 when a lock is not what its requirements give")
    .option("--dry-run", "say which locks would be made, from what")
    .option("--no-base", "ask no registry for the digests of the bases")
    .option("--json", "locks: lock, python, requirements, changed (null in a dry run)");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  const exists = (path: string): boolean => existsSync(join(workspace.root, path));
  const jobs = jobsOf(lockJobs(await readFamily(workspace.root), exists), options.names);
  if (options.dryRun === true) {
    report(
      workspace,
      jobs.map((job) => ({ ...job, changed: null })),
      options,
    );
    return undefined;
  }
  const results = await makeLocks(workspace, jobs, options);
  if (options.check !== true && options.base !== false) {
    const digests = await askDigests(workspace.site, workspace.reporter);
    if (writeDigests(workspace.siteFile, digests))
      workspace.stdout.write("changed: site.yaml (digests of the bases)\n");
  }
  report(workspace, results, options);
  return options.check === true && results.some((each) => each.changed) ? exitCodes.failure : undefined;
}

type Result = LockJob & { readonly changed: boolean | null };

async function makeLocks(
  workspace: Workspace,
  jobs: readonly LockJob[],
  options: GivenOptions,
): Promise<readonly Result[]> {
  const { root, signal } = workspace;
  const settings = { root, signal, uv: await provideUv(root), upgrade: options.upgrade === true };
  const results: Result[] = [];
  for (const job of jobs) {
    const text = await workspace.reporter.step(`Resolve ${job.lock}`, () => makeLock(job, settings));
    const file = join(root, job.lock);
    const changed = !existsSync(file) || readFileSync(file, "utf8") !== text;
    if (changed && options.check !== true) {
      writingTo(file, () => {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      });
    }
    results.push({ ...job, changed });
  }
  return results;
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

function report(workspace: Workspace, results: readonly Result[], options: GivenOptions): void {
  const rows = results.map(({ lock, python, requirements, changed }) => ({
    lock,
    python,
    requirements,
    changed,
  }));
  const lines = rows.map((row) => `${inWords(row)}\n`).join("");
  workspace.stdout.write(options.json === true ? jsonText({ locks: rows }) : lines);
}

function inWords({ lock, requirements, changed }: Omit<Result, "inView" | "below">): string {
  if (changed === null) return `would be resolved: ${lock} from ${requirements.join(" and ")}`;
  return `${changed ? "changed" : "unchanged"}: ${lock}`;
}
