import { UserError } from "@workstation/cli";
import type { Context } from "../context.ts";
import { jobColumns } from "../output/job-table.ts";
import { printAnswer, tableText } from "../output/print.ts";
import type { JobList } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

/** `jobman list`: the asker's jobs. */
export async function run(context: Context): Promise<undefined> {
  const list = await context.api.call<JobList>("GET", `${routes.jobs}?state=${wantedStates(context)}`);
  await printAnswer(context, {
    data: list,
    names: list.jobs.map((job) => job.name),
    text: (style) =>
      tableText(list.jobs, jobColumns(list.jobs, context.io.now()), { ...style, none: "no jobs" }),
  });
}

function wantedStates({ arguments: given }: Context): "active" | "ended" | "all" {
  if (given.has("active") && given.has("ended")) {
    throw new UserError("USAGE", "--active and --ended contradict each other", {
      hint: "without both: all jobs",
    });
  }
  if (given.has("active")) return "active";
  return given.has("ended") ? "ended" : "all";
}
