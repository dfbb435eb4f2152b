import { cellText, UserError } from "@workstation/cli";
import { waitLimit } from "../arguments/wait-limit.ts";
import type { Context } from "../context.ts";
import { followToExit } from "../follow/follow-to-exit.ts";
import { jobLine } from "../follow/job-line.ts";
import { jobColumns } from "../output/job-table.ts";
import { type Answer, printAnswer, tableText } from "../output/print.ts";
import type { SubmitResponse } from "../protocol/index.ts";
import { sendSubmit } from "../submit/send-submit.ts";
import { submitRequest } from "../submit/submit-request.ts";

/** `jobman submit`: puts a job into the queue and, with `--wait`, follows it to its end. */
export async function run(context: Context): Promise<number | undefined> {
  const limit = waitLimit(context.arguments, "wait");
  const wait = context.arguments.has("wait");
  if (wait) refuseContradictions(context);
  const request = submitRequest(context);
  if (context.arguments.has("dry-run")) {
    await printDryRun(context, await sendSubmit(context, request, { dryRun: true }));
    return undefined;
  }
  const response = await sendSubmit(context, request, { dryRun: false });
  tellWarnings(context, response);
  if (!wait) {
    await printAnswer({ ...context, format: context.format ?? "name" }, answerOf(context, response));
    context.reporter.info(jobLine(response.job));
    return undefined;
  }
  return followToExit(context, response.job.name, limit);
}

function refuseContradictions(context: Context): void {
  if (context.arguments.has("dry-run")) {
    throw new UserError("USAGE", "--wait and --dry-run contradict each other");
  }
  if (context.format !== undefined) {
    throw new UserError("USAGE", `with --wait stdout is the job's own: -o ${context.format} cannot be had`, {
      hint: "details in that form: jobman details -o json NAME",
    });
  }
}

function tellWarnings(context: Context, response: SubmitResponse): void {
  for (const warning of response.warnings) context.reporter.warn(cellText(warning));
}

function answerOf(context: Context, response: SubmitResponse): Answer {
  return {
    data: response,
    names: [response.job.name],
    text: (style) =>
      tableText([response.job], jobColumns([response.job], context.io.now()), { ...style, none: "" }),
  };
}

async function printDryRun(context: Context, response: SubmitResponse): Promise<void> {
  tellWarnings(context, response);
  const { dryRunText } = await import("../submit/dry-run-text.ts");
  await printAnswer(context, {
    ...answerOf(context, response),
    text: () => dryRunText(response),
  });
}
