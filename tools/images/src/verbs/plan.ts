import { connectDocker } from "@workstation/docker";
import type { Command } from "commander";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { planData } from "../plan/plan-data.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images to plan for, such as ubuntu-python or ubuntu-python:cuda (default: all)")
    .option("--json", "images: name, kind, variant, parent, tags, key, state, reasons");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const plan = await readPlan(await connectDocker(), workspace, { names: options.names });
  const lines = plan.map((planned) => `${asLines(planned)}\n`).join("");
  workspace.stdout.write(options.json === true ? jsonText({ images: plan.map(planData) }) : lines);
}

function asLines(planned: PlannedImage): string {
  const missing = planned.recipe.missingAssets.map((name) => `without ${name}, which is not on this machine`);
  const notes = [...planned.reasons, ...missing].map((note) => `\n    ${note}`).join("");
  return `${imageId(planned.image)}: ${planned.state}${notes}`;
}
