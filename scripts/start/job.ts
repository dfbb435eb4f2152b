import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import type { JobList } from "@workstation/jobman/protocol";
import type { StartContext } from "./context.ts";

const example = "application-examples/filter-series-by-orientation/filter_series.py";
const resultFolder = "results/filter-series-by-orientation";

/** Submits the example and follows it to its end; while a job of the user is active, follows that one instead. */
export async function runExample(
  context: StartContext,
  reporter: Reporter,
): Promise<{ readonly name: string; readonly exitCode: number; readonly result: string }> {
  const active = await findActiveJob(context);
  const name = active ?? `filter-series-${timestamp(new Date())}`;
  const argv =
    active === undefined
      ? [
          "submit",
          "--wait",
          "-r",
          "no-gpu",
          "-j",
          name,
          "--datasets",
          context.dataset,
          "--",
          "python",
          example,
        ]
      : ["logs", "-f", "-j", name];
  reporter.info(
    active === undefined
      ? `- Job\n  $ jobman ${argv.join(" ")}`
      : `- Job: ${name} is active, attaching to it`,
  );
  const exitCode = await context.jobman(argv);
  return { name, exitCode, result: join(context.persistentHome, resultFolder, "series.csv") };
}

async function findActiveJob(context: StartContext): Promise<string | undefined> {
  const list = JSON.parse(await context.askJobman(["list", "-o", "json"])) as JobList;
  return list.jobs.find((job) => ["queued", "starting", "running"].includes(job.state))?.name;
}

/** `20261123-174100`, UTC: names that sort, and never meet those of an earlier run. */
function timestamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace(/[-:]/g, "").replace("T", "-");
}
