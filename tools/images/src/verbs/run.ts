import { exitCodes, UserError } from "@workstation/cli";
import { placesFor, splitDatasetList } from "@workstation/site";
import type { Command } from "commander";
import { execa } from "execa";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import { projectVersion } from "../plan/read-plan.ts";
import { dockerRunArgv, portsBeyondLoopback } from "../run/docker-argv.ts";
import { knownDatasets, knownUser } from "../run/known-state.ts";
import { clampSentence, readRunMachine } from "../run/run-machine.ts";
import { type RunRequest, runSettings } from "../run/run-settings.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { GivenOptions } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("<image>", "an image of the family, such as ubuntu-python or ubuntu-python:cuda")
    .argument("[command...]", "what to run in it (after --); default: the image's own")
    .option("--user <name>", "mount the homes of this user (default: none; the container's own serve)")
    .option("--datasets <ids>", "datasets of that user to mount, separated by commas", "")
    .option("--flavor <name>", "limits of this flavor", "desktop")
    .option(
      "--publish <port>",
      "a port as docker takes it, such as 127.0.0.1:8888:8888 (repeatable)",
      collect,
      [],
    )
    .option("--dry-run", "print the `docker run` that would start it, one argument a line");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  const [name = "", ...command] = options.names;
  const publish = options.publish as readonly string[];
  const request = await readRequest(workspace, { ...options, names: [name] }, command);
  warnOfOpenPorts(workspace, publish);
  const less = clampSentence(workspace.site, request.flavor, request.machine);
  if (less !== undefined) workspace.reporter.info(less);
  const settings = runSettings(workspace.site, request);
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const argv = dockerRunArgv(settings, { terminal, publish });
  if (options.dryRun === true) {
    workspace.stdout.write(`${argv.join("\n")}\n`);
    return undefined;
  }
  return runDocker(argv);
}

async function readRequest(
  workspace: Workspace,
  options: GivenOptions,
  command: readonly string[],
): Promise<RunRequest> {
  const [image] = chooseImages(await readFamily(workspace.root), options.names);
  if (image === undefined) throw new Error("no image was chosen");
  const references = referencesOf(image, workspace.site.registry.prefix, projectVersion(workspace.root));
  const datasets = splitDatasetList(String(options.datasets));
  if (datasets.length > 0 && options.user === undefined) {
    throw new UserError("USER_NEEDED", "--datasets needs --user: datasets are mounted for somebody", {
      hint: "add --user <name>, or leave --datasets out",
    });
  }
  const places = placesFor(process.getuid?.() ?? 0, process.env);
  const { state } = places;
  return {
    image: references.moving[0] ?? references.repository,
    command,
    user: typeof options.user === "string" ? knownUser(state, options.user) : undefined,
    datasets: knownDatasets(state, datasets),
    flavor: String(options.flavor),
    places,
    machine: await readRunMachine(),
    published: (options.publish as readonly string[]).length > 0,
  };
}

function warnOfOpenPorts(workspace: Workspace, publish: readonly string[]): void {
  for (const port of portsBeyondLoopback(publish)) {
    workspace.reporter.warn(
      `--publish ${port} opens the port to other machines; an image's servers rely on a gateway in front of them ` +
        `(write 127.0.0.1:${port} to keep it on this machine)`,
    );
  }
}

async function runDocker(argv: readonly string[]): Promise<number> {
  const [program = "docker", ...args] = argv;
  const result = await execa(program, args, { stdio: "inherit", reject: false });
  if (result.code === "ENOENT") {
    throw new UserError(
      "DOCKER_COMMAND_MISSING",
      "the `docker` command, which gives you a terminal, is not here",
      {
        hint: "install Docker's command line, or see --dry-run",
        exitCode: exitCodes.unavailable,
      },
    );
  }
  return result.exitCode ?? exitCodes.failure;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
