import { cellText, UserError } from "@workstation/cli";
import { optionalValue } from "../arguments/only-value.ts";
import type { Context } from "../context.ts";
import { printAnswer } from "../output/print.ts";
import type { Job, JobList } from "../protocol/index.ts";
import { isActive } from "../protocol/job-states.ts";
import { routes } from "../protocol/routes.ts";

/** `jobman delete`: stops an active job, removes the record of an ended one. */
export async function run(context: Context): Promise<undefined> {
  const jobs = await patiently(context, () => deleteJobs(context));
  await printAnswer(context, {
    data: { apiVersion: "v1", jobs } as JobList,
    names: jobs.map((job) => job.name),
    text: () => jobs.map((job) => `${cellText(job.name)}\n`).join(""),
  });
  for (const job of jobs.filter((each) => isActive(each.state))) {
    context.reporter.info(`${cellText(job.name)}: ${cellText(job.message)}`);
  }
  if (jobs.length === 0) context.reporter.info("no jobs to delete");
}

async function deleteJobs(context: Context): Promise<readonly Job[]> {
  const name = optionalValue(context.arguments, "job-name", "the job");
  const all = context.arguments.has("all");
  if (name === undefined && !all) {
    throw new UserError("USAGE", "jobman delete needs a job's name or --all", {
      hint: "your jobs: jobman list",
    });
  }
  if (name !== undefined && all) {
    throw new UserError("USAGE", `"${name}" and --all contradict each other`, {
      hint: "give one of the two",
    });
  }
  if (name === undefined) {
    return (await context.api.call<JobList>("DELETE", routes.jobs, { timeout: longestEnd })).jobs;
  }
  return [await context.api.call<Job>("DELETE", routes.job(name), { timeout: longestEnd })];
}

// The scheduler answers when the job has ended; how long it may take for that is the site's affair.
const longestEnd = 15 * 60_000;
const soon = 2_000;

/** Says what is waited for where it takes a person's patience. */
async function patiently<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const sayWhy = () => context.reporter.info("waiting for the job to end; it was given some time for that");
  const timer = setTimeout(sayWhy, soon);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
  }
}
