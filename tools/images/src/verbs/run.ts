import { exitCodes, UserError } from "@workstation/cli";
import { type ContainerSettings, connectDocker } from "@workstation/docker";
import type { Command } from "commander";
import { stringify } from "yaml";
import { againCommand } from "../run/again-command.ts";
import { type ChosenImage, chooseImage, insistOnImage, shortName } from "../run/choose-image.ts";
import { connectionData, connectionNotes } from "../run/connection-notes.ts";
import { clampSentence } from "../run/flavor-size.ts";
import { showRuns } from "../run/list-runs.ts";
import { type Passwords, readPasswords } from "../run/passwords.ts";
import { beyondLoopback, reachable } from "../run/published-ports.ts";
import { type ReadRequest, readRequest } from "../run/read-request.ts";
import { type DetachedFacts, runCommandIn } from "../run/run-command.ts";
import { runDesktop } from "../run/run-desktop.ts";
import { type RunRequest, runSettings } from "../run/run-settings.ts";
import { stopRun } from "../run/stop-run.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image]", "an image of the family (ubuntu-python:cuda), or any that is on this machine")
    .argument("[command...]", "what to run in it (after --); default: the image's own")
    .option(
      "--user <name>",
      "whose homes, data and jobman socket it gets (default: yours; nobody's where this machine has no such user)",
    )
    .option("--nobody", "a plain container: nobody's homes, data and jobs")
    .option("--datasets <ids>", "which datasets of that user, separated by commas (default: all granted)")
    .option("--flavor <name>", "limits of this flavor (default: the site's, for a job or a desktop)")
    .option(
      "--publish <port>",
      "a port, such as 8888:8888; on loopback unless said (repeatable)",
      collect,
      [],
    )
    .option("--web", "show the desktop in a browser: prints a link that opens once")
    .option("--vnc-password-file <file>", "VNC password (8 characters); default: one is made")
    .option("--ssh-password-file <file>", "SFTP password; default: one is made")
    .option("--name <name>", "of the container (default: desktop-<user> or run-<image>)")
    .option("--detach", "leave it running; --stop ends it")
    .option("--list", "what `images run` left running")
    .option("--stop <name>", "end one of these, and remove it")
    .option("--state <folder>", "where users and datasets lie (default: this machine's)")
    .option("--run <folder>", "where the scheduler's sockets lie (default: this machine's)")
    .option("--json", "how to connect, or the list, for programs")
    .option("--dry-run", "print the container that would be made");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number> {
  insistOnOneWish(options);
  if (options.list === true) return await showRuns(workspace, options.json === true ? jsonText : undefined);
  if (typeof options.stop === "string") return await stopRun(workspace, options.stop);
  const [name, ...command] = options.names;
  if (name === undefined) {
    throw new UserError("IMAGE_NEEDED", "which image? None is named", { hint: "npm run images -- list" });
  }
  const image = await chooseImage(workspace.root, workspace.site, name);
  const passwords = readPasswords({ vnc: text(options.vncPasswordFile), ssh: text(options.sshPasswordFile) });
  const { request, scheduler } = await readRequest(workspace, image, {
    command,
    user: text(options.user),
    nobody: options.nobody === true,
    datasets: text(options.datasets),
    flavor: text(options.flavor),
    publish: options.publish as readonly string[],
    state: text(options.state),
    run: text(options.run),
    passwords,
  });
  insistThatItFits(options, request);
  remark(workspace, request, options);
  const settings = runSettings(workspace.site, request);
  if (options.dryRun === true) {
    workspace.stdout.write(options.json === true ? jsonText({ container: settings }) : stringify(settings));
    return exitCodes.ok;
  }
  await insistOnImage(image);
  try {
    return await start(workspace, options, { image, request, scheduler, passwords, settings });
  } catch (error) {
    if (!workspace.signal.aborted) throw error;
    return exitCodes.detached; // it is removed, and nothing is left to carry on
  }
}

interface Prepared extends ReadRequest {
  readonly image: ChosenImage;
  readonly passwords: Passwords;
  readonly settings: ContainerSettings;
}

async function start(workspace: Workspace, options: GivenOptions, prepared: Prepared): Promise<number> {
  const { image, request, scheduler, passwords, settings } = prepared;
  const docker = await connectDocker();
  const made = { name: text(options.name) ?? usualName(request, image), settings };
  const detach = options.detach === true;
  const answer = (data: Readonly<Record<string, unknown>>, words: string) =>
    workspace.stdout.write(options.json === true ? jsonText(data) : words);
  if (request.kind === "job") {
    const tell = (facts: DetachedFacts) => answer(detachedData(facts, request), `${facts.name}\n`);
    return await runCommandIn(workspace, docker, { ...made, detach, tell });
  }
  return await runDesktop(workspace, docker, {
    ...made,
    owner: request.user?.name,
    scheduler,
    passwords,
    health: image.health ?? ["workstation-health"],
    web: options.web === true,
    again: againCommand(options.argv),
    detach,
    tell: (facts) => answer(connectionData(facts), connectionNotes(facts)),
  });
}

/** A container that stays, for a program. */
function detachedData({ name, ports }: DetachedFacts, { image, user }: RunRequest) {
  const places = ports.map(({ address, hostPort, containerPort }) => ({
    host: reachable(address),
    port: hostPort,
    containerPort,
  }));
  return { name, image, owner: user?.name ?? null, ports: places };
}

/** Throws `ONE_WISH`: what else is named would be ignored. */
function insistOnOneWish({ list, stop, names }: GivenOptions): void {
  const wishes = [
    ...(list === true ? ["--list"] : []),
    ...(stop === undefined ? [] : ["--stop"]),
    ...(names[0] === undefined ? [] : [names[0]]),
  ];
  if ((list !== true && stop === undefined) || wishes.length === 1) return;
  throw new UserError("ONE_WISH", `${wishes.join(" and ")} exclude each other`, { hint: "give one of them" });
}

/** Throws `COMMAND_NEEDED`, `WEB_NEEDS_DESKTOP`, `WEB_NEEDS_US` and `PASSWORDS_NEED_DESKTOP`. */
function insistThatItFits(options: GivenOptions, { kind, command }: RunRequest): void {
  if (kind !== "desktop" && options.detach === true && command.length === 0) {
    throw new UserError(
      "COMMAND_NEEDED",
      "what is to run in it? Its own command is a shell, which ends at once",
      {
        hint: "add the command behind --",
      },
    );
  }
  if (options.web === true && kind !== "desktop") {
    throw new UserError("WEB_NEEDS_DESKTOP", "--web shows desktops, and this is none", {
      hint: "name a desktop's image, without a command",
    });
  }
  if (options.web === true && options.detach === true) {
    throw new UserError(
      "WEB_NEEDS_US",
      "--web and --detach exclude each other: this command serves the page",
      {
        hint: "leave one of them out",
      },
    );
  }
  if (
    kind !== "desktop" &&
    (options.vncPasswordFile !== undefined || options.sshPasswordFile !== undefined)
  ) {
    throw new UserError("PASSWORDS_NEED_DESKTOP", "only a desktop has passwords", {
      hint: "name a desktop's image, without a command",
    });
  }
}

/** What a person should know before it starts. */
function remark({ reporter, site }: Workspace, request: RunRequest, options: GivenOptions): void {
  if (request.user === undefined && options.nobody !== true) {
    reporter.info(
      "nobody's: you are no user of this machine yet (npm run scheduler -- user add NAME), and --user names none",
    );
  }
  for (const { address, containerPort } of beyondLoopback(request.ports)) {
    reporter.warn(
      `port ${containerPort} is opened to other machines (${address}); an image's servers rely on a gateway in front of them ` +
        "(docs/operate/images.md)",
    );
  }
  const less = clampSentence(site, request.flavor, request.machine);
  if (less !== undefined) reporter.info(less);
}

function usualName({ kind, user }: RunRequest, { reference }: ChosenImage): string {
  if (kind === "desktop") return user === undefined ? "desktop" : `desktop-${user.name}`;
  return `run-${shortName(reference)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
