import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { createReporter, runCommand, UserError } from "@workstation/cli";
import { dockerAnswers } from "@workstation/docker";
import { benchContainerStart } from "./bench/container-start.ts";
import { benchCrashes } from "./bench/crashes.ts";
import { benchHandOver } from "./bench/hand-over.ts";
import { benchSizes, benchUnchanged } from "./bench/images.ts";
import { benchJobman } from "./bench/jobman.ts";
import { benchPlan } from "./bench/plan.ts";
import { report } from "./bench/report.ts";
import type { BenchRow } from "./bench/row.ts";
import { benchSchedulerMemory } from "./bench/scheduler-memory.ts";
import { ensureDockerEngine } from "./setup/docker-engine.ts";
import { makeContext, projectPath, type StartContext } from "./start/context.ts";
import { buildImage } from "./start/image.ts";

/** The rows of docs/performance.md, in order; each part measures what belongs side by side. */
const parts: Readonly<Record<string, (context: StartContext) => Promise<readonly BenchRow[]>>> = {
  jobman: benchJobman,
  plan: benchPlan,
  memory: benchSchedulerMemory,
  unchanged: benchUnchanged,
  start: async (context) => [await benchContainerStart(context.site, context.image)],
  handover: async () => [await benchHandOver()],
  sizes: benchSizes,
  crashes: async () => [await benchCrashes()],
};

/** `npm run bench [-- PART ...]`: measures, and with all parts writes docs/performance.md. Never fails for a figure. */
async function main(argv: readonly string[]): Promise<undefined> {
  const { positionals } = parseArgs({ args: [...argv], allowPositionals: true });
  const unknown = positionals.find((name) => parts[name] === undefined);
  if (unknown !== undefined) {
    throw new UserError("PART_UNKNOWN", `"${unknown}" is no part of the bench`, {
      hint: `parts: ${Object.keys(parts).join(", ")}`,
    });
  }
  const reporter = createReporter(process.stderr);
  const context = makeContext({});
  await ensureDockerEngine(reporter, context.localFolder);
  await buildImage(context);
  const rows: BenchRow[] = [];
  for (const [name, measure] of Object.entries(parts)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    rows.push(...(await reporter.step(`Measure ${name}`, () => measure(context))));
  }
  const docker = await dockerAnswers();
  const text = report(rows, {
    docker: docker.ok ? docker.version : "unknown",
    date: new Date().toISOString().slice(0, 10),
  });
  process.stdout.write(text);
  if (positionals.length === 0) writeFileSync(projectPath("docs/performance.md"), text);
  return undefined;
}

process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
