import { runCommand } from "@workstation/cli";
import { Command, CommanderError } from "commander";
import { standardSiteFile } from "./commands/options.ts";
import type { Output } from "./commands/output.ts";
import { platformNames } from "./platforms/table.ts";
import { readVersion } from "./version.ts";

/** The `jobman-scheduler` command. */
export async function main(argv: readonly string[]): Promise<number> {
  return runCommand(() => parse(argv), process.stderr);
}

const output: Output = {
  data: (text) => void process.stdout.write(text),
  note: (line) => void process.stderr.write(`${line}\n`),
};

async function parse(argv: readonly string[]): Promise<number | undefined> {
  try {
    await createProgram().parseAsync(argv, { from: "user" });
    return undefined;
  } catch (error) {
    // commander has printed its own message: help and version end well, wrong usage does not.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
}

function createProgram(): Command {
  const program = new Command("jobman-scheduler")
    .description("Runs the batch queue of a workstation platform.")
    .version(readVersion(), "--version", "print the version")
    .exitOverride();
  addServe(program);
  addOperatorCommands(program);
  addUserCommands(program);
  return program;
}

function addServe(program: Command): void {
  withPlaces(program.command("serve"))
    .description("run the queue until SIGTERM, Ctrl-C or `jobman-scheduler stop`; jobs go on running")
    .requiredOption("--engine <name>", `where jobs run: ${platformNames.join(", ")}`)
    .option("--site <file>", "the site's facts", standardSiteFile)
    .option("--docker-host <url>", "the Docker Engine (default: $DOCKER_HOST, then the usual sockets)")
    .option("--kubeconfig <file>", "the cluster (default: the one that this process is a pod of)")
    .option("--listen <address>", "where users reach a scheduler on a cluster (default: :8443)")
    .option("--tls <folder>", "its certificate, tls.crt and tls.key (default: /etc/workstation/tls)")
    .option("--operator <address>", "where its operator reaches it (default: 127.0.0.1:8081)")
    .option("--metrics <address>", "where it shows metrics and whether it is ready (default: :8082)")
    .option("--audit <file>", "a file for its audit, besides standard output")
    .action(async (options) => (await import("./commands/serve.ts")).serve(options));
}

function addOperatorCommands(program: Command): void {
  withPlaces(program.command("status"))
    .description("show slots, what the machine cannot give, who waits, and the last faults")
    .option("--json", "as JSON")
    .option("--operator <address>", "of a scheduler on a cluster, through a forwarded port: 127.0.0.1:8081")
    .action(async (options) => (await import("./commands/status.ts")).runStatus(options, output));
  withPlaces(program.command("stop"))
    .description("stop the scheduler and wait until it has gone; safe to repeat")
    .action(async (options) => (await import("./commands/stop.ts")).runStop(options, output));
}

function addUserCommands(program: Command): void {
  const user = program.command("user").description("add users and grant them datasets");
  const command = (usage: string): Command =>
    withPlaces(user.command(usage))
      .option("--site <file>", "the site's facts (default: those that the running scheduler serves)")
      .option("--json", "as JSON");
  command("add <name>")
    .description("make a user's folder and socket; safe to repeat")
    .option("--uid <number>", "numeric id (default: the account of this name, else the next free from 20000)")
    .option("--datasets <ids>", "datasets to grant, separated by commas")
    .action(async (name, options) => (await import("./commands/user.ts")).runUserAdd(name, options, output));
  for (const change of ["grant", "revoke"] as const) {
    command(`${change} <name> <datasets>`)
      .description(`${change} datasets, separated by commas; safe to repeat`)
      .action(async (name, datasets, options) =>
        (await import("./commands/user.ts")).runUserDatasets(change, { name, datasets, options }, output),
      );
  }
  addUserManifests(user);
  command("list")
    .description("list the users, their ids and datasets")
    .action(async (options) => (await import("./commands/user.ts")).runUserList(options, output));
}

function addUserManifests(user: Command): void {
  user
    .command("manifests <name>")
    .description("print what a user needs on a cluster, for kubectl apply -f -; safe to repeat")
    .requiredOption("--uid <number>", "numeric id that the user's jobs run as")
    .option("--gid <number>", "numeric id of their group (default: the uid's number)")
    .option("--datasets <ids>", "datasets to grant, separated by commas")
    .option("--home-size <quantity>", "size of the persistent home", "100Gi")
    .option("--home-class <name>", "its storage class (default: the cluster's usual one)")
    .option("--ca-file <file>", "for desktops: who certifies the scheduler's address")
    .option("--url <address>", "for desktops: the scheduler's address (default with --ca-file: its Service)")
    .option("--site <file>", "the site's facts", standardSiteFile)
    .action(async (name, options) =>
      (await import("./commands/user-manifests.ts")).runUserManifests(name, options, output),
    );
}

function withPlaces(command: Command): Command {
  return command
    .option("--state <folder>", "what survives a reboot: users, datasets, journal (default: the account's)")
    .option("--run <folder>", "sockets (default: the account's)")
    .option("--instance <name>", "the scheduler's instance (default: main)");
}
