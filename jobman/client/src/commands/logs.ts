import { cellText, UserError } from "@workstation/cli";
import { onlyValue } from "../arguments/only-value.ts";
import { waitLimit } from "../arguments/wait-limit.ts";
import type { Context } from "../context.ts";
import { logPath } from "../follow/copy-log.ts";
import { followToExit } from "../follow/follow-to-exit.ts";
import { createJobOutput } from "../follow/job-output.ts";
import type { Job, LogPiece } from "../protocol/index.ts";
import { isActive } from "../protocol/job-states.ts";
import { routes } from "../protocol/routes.ts";

/** `jobman logs`: what a job wrote so far; with `--follow` to its end, and then with its exit code. */
export async function run(context: Context): Promise<number | undefined> {
  const name = onlyValue(context.arguments, "job-name", { what: "the job", command: "logs" });
  const limit = waitLimit(context.arguments, "follow");
  if (context.arguments.has("follow")) {
    refuseFormats(context, []);
    return followToExit(context, name, limit);
  }
  refuseFormats(context, ["json"]);
  if (!(await copyOutput(context, name))) context.reporter.info(await whyNothing(context, name));
  return undefined;
}

async function whyNothing({ api }: Context, name: string): Promise<string> {
  const { state, startedAt, message } = await api.call<Job>("GET", routes.job(name));
  if (isActive(state)) return `${cellText(name)}: no output so far`;
  const whatHappened = startedAt === undefined ? "ended without starting" : "no output";
  return `${cellText(name)}: ${whatHappened}; ${cellText(message)}`;
}

/** Tells whether there was any. */
async function copyOutput(context: Context, name: string): Promise<boolean> {
  const { io, api } = context;
  const output = createJobOutput(io, context);
  const { signal } = new AbortController();
  let any = false;
  try {
    for await (const piece of api.lines<LogPiece>(logPath(name, { follow: false }), signal)) {
      any = true;
      if (context.format === "json") io.stdout.write(`${JSON.stringify(piece)}\n`);
      else await output.write(piece);
      if (context.format === "json") await io.stdout.drained?.();
    }
    output.finish();
  } catch (error) {
    output.endLine();
    throw error;
  }
  return any;
}

function refuseFormats({ format }: Context, possible: readonly string[]): void {
  if (format === undefined || possible.includes(format)) return;
  const hint = "logs -o json gives lines of JSON; without an option the job's own output comes";
  throw new UserError("USAGE", `the output of a job cannot be had as ${format}`, { hint });
}
