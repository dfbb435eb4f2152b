import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { createReporter, runCommand, UserError } from "@workstation/cli";
import { dockerAnswers } from "@workstation/docker";
import { benchContainerStart } from "./bench/container-start.ts";
import { benchCrashes } from "./bench/crashes.ts";
import { benchDesktop } from "./bench/desktop.ts";
import { benchHandOver } from "./bench/hand-over.ts";
import { benchChangedFiles, benchColdBuild } from "./bench/image-builds.ts";
import { benchSizes, benchUnchanged } from "./bench/images.ts";
import { benchJobman } from "./bench/jobman.ts";
import { benchKubernetes } from "./bench/kubernetes.ts";
import { benchKueue } from "./bench/kueue.ts";
import { benchNeighbours } from "./bench/neighbours.ts";
import { benchPlan } from "./bench/plan.ts";
import { report, rowLine } from "./bench/report.ts";
import type { BenchRow } from "./bench/row.ts";
import { benchSchedulerMemory } from "./bench/scheduler-memory.ts";
import { ensureDockerEngine } from "./setup/docker-engine.ts";
import { makeContext, projectPath, type StartContext } from "./start/context.ts";
import { buildImage } from "./start/image.ts";

type Rows = Promise<readonly BenchRow[]> | AsyncIterable<BenchRow>;

/** The rows of docs/performance.md, in order; each part measures what belongs side by side. */
const parts: Readonly<Record<string, (context: StartContext, size: BenchSize) => Rows>> = {
  jobman: benchJobman,
  plan: benchPlan,
  memory: benchSchedulerMemory,
  neighbours: benchNeighbours,
  unchanged: benchUnchanged,
  changed: () => benchChangedFiles(),
  cold: benchColdBuild,
  start: async (context) => [await benchContainerStart(context.site, context.image)],
  handover: async () => [await benchHandOver()],
  sizes: benchSizes,
  desktop: benchDesktop,
  crashes: async () => [await benchCrashes()],
  kubernetes: (_, { jobs }) => benchKubernetes(jobs),
  kueue: (_, { jobs }) => benchKueue(jobs),
};

/** They need neither Docker nor an image. */
const onKubernetes = ["kubernetes", "kueue"];

interface BenchSize {
  /** Of the load on Kubernetes. */
  readonly jobs: number;
}

/** What fits into a few minutes; the targets are for 15,000. */
const usualJobs = "3000";

/**
 * `npm run bench [-- PART ...] [--jobs N]`: measures, and with all parts writes docs/performance.md. Never fails for a
 * figure. `--jobs` is the load on Kubernetes.
 */
async function main(argv: readonly string[]): Promise<undefined> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { jobs: { type: "string", default: usualJobs } },
  });
  const unknown = positionals.find((name) => parts[name] === undefined);
  if (unknown !== undefined) {
    throw new UserError("PART_UNKNOWN", `"${unknown}" is no part of the bench`, {
      hint: `parts: ${Object.keys(parts).join(", ")}`,
    });
  }
  const reporter = createReporter(process.stderr);
  const context = makeContext({});
  if (positionals.length === 0 || positionals.some((name) => !onKubernetes.includes(name))) {
    await ensureDockerEngine(reporter, context.localFolder);
    await buildImage(context);
  }
  const rows: BenchRow[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    await reporter.step(`Measure ${name}`, async () => {
      for await (const row of rowsOf(measure(context, { jobs: Number(values.jobs) }))) {
        keep(row);
        rows.push(row);
      }
    });
  }
  const docker = await dockerAnswers();
  const file = projectPath("docs/performance.md");
  const text = report(rows, {
    limits: readFileSync(file, "utf8").split(/^(?=## Where)/m)[1] ?? "",
    docker: docker.ok ? docker.version : "unknown",
    date: new Date().toISOString().slice(0, 10),
  });
  process.stdout.write(text);
  if (positionals.length === 0) writeFileSync(file, text);
  return undefined;
}

async function* rowsOf(measured: Rows): AsyncIterable<BenchRow> {
  if (Symbol.asyncIterator in measured) yield* measured;
  else yield* await measured;
}

/** Each row is printed and kept as soon as it is measured: a run that is cut off loses nothing. */
function keep(row: BenchRow): void {
  process.stderr.write(rowLine(row));
  const file = projectPath("node_modules/.cache/bench-rows.jsonl");
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), ...row })}\n`);
}

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
