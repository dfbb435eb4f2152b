import { connectDocker } from "@workstation/docker";
import type { Command } from "commander";
import { planData } from "../plan/plan-data.ts";
import { planLines } from "../plan/plan-lines.ts";
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
  const lines = plan.map(planLines).join("");
  workspace.stdout.write(options.json === true ? jsonText({ images: plan.map(planData) }) : lines);
}
