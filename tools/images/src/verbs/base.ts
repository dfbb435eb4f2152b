import { UserError } from "@workstation/cli";
import { connectDocker, inspectImage } from "@workstation/docker";
import { type Distribution, distributions } from "@workstation/site";
import type { Command } from "commander";
import { describeBase, makeBase } from "../base/make-base.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { GivenOptions } from "./verb.ts";

export function describe(command: Command) {
  command
    .option("--distribution <name>", `${distributions.join(" or ")} (default: debian-12)`, "debian-12")
    .option("--mirror <url>", "archive to take the packages from (default: the distribution's own)")
    .option("--if-missing", "make it only when this machine has none")
    .option("--dry-run", "print the command that would make it, and make nothing");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const request = {
    distribution: knownDistribution(String(options.distribution)),
    ...(typeof options.mirror === "string" ? { mirror: options.mirror } : {}),
    signal: workspace.signal,
  };
  if (options.dryRun === true) {
    workspace.stdout.write(`${JSON.stringify(describeBase(request), null, 2)}\n`);
    return;
  }
  const docker = await connectDocker();
  const { reference } = describeBase(request);
  const present = options.ifMissing === true && (await inspectImage(docker, reference)) !== undefined;
  if (!present) await makeBase(docker, request, workspace.reporter);
  workspace.stdout.write(`${reference}\n`);
}

function knownDistribution(name: string): Distribution {
  const found = distributions.find((each) => each === name);
  if (found !== undefined) return found;
  throw new UserError("DISTRIBUTION_UNKNOWN", `there is no distribution "${name}"`, {
    hint: `distributions: ${distributions.join(", ")}`,
  });
}
