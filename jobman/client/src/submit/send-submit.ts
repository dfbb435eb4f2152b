import { existsSync } from "node:fs";
import { exitCodes, UserError } from "@workstation/cli";
import { ConnectionError } from "../api/connection-error.ts";
import type { Context } from "../context.ts";
import type { FlavorList, SubmitRequest, SubmitResponse } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

/** Sends a submit. A lost answer is never sent again by itself: the job may be in the queue already. */
export async function sendSubmit(
  context: Context,
  request: SubmitRequest,
  { dryRun }: { readonly dryRun: boolean },
): Promise<SubmitResponse> {
  if (request.flavor !== undefined) await refuseFlavorDefinition(context, request.flavor);
  const { io, api } = context;
  const stopListening = io.onInterrupt(() => {
    io.stderr.write(`interrupted: ${mayBeThere}\n`);
    io.abandon(exitCodes.detached);
  });
  try {
    const timeout = longestSubmit;
    return await api.call("POST", `${routes.jobs}?dryRun=${dryRun}`, { body: request, timeout });
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    throw new UserError("ANSWER_LOST", `no answer to the submit: ${error.message}`, {
      exitCode: exitCodes.unavailable,
      hint: mayBeThere,
      cause: error,
    });
  } finally {
    stopListening();
  }
}

const mayBeThere = "the job may be in the queue all the same; see: jobman list --active";
// A busy machine takes its time to make a container, and a lost answer costs more than patience.
const longestSubmit = 120_000;

/** The tool before this one took a flavor's definition as JSON, in the argument or in a file; flavors are the site's now. */
async function refuseFlavorDefinition(context: Context, flavor: string): Promise<void> {
  if (!flavor.trimStart().startsWith("{") && !(/[./]/.test(flavor) && existsSync(flavor))) return;
  throw new UserError(
    "FLAVOR_DEFINITION",
    `"${flavor}" defines a flavor; only the site's flavors can be used, by name`,
    {
      hint: `flavors: ${await flavorNames(context)}`,
    },
  );
}

async function flavorNames(context: Context): Promise<string> {
  try {
    const list = await context.api.call<FlavorList>("GET", routes.flavors);
    return list.flavors.map((each) => each.name).join(", ");
  } catch {
    return "see jobman resources-flavors";
  }
}
