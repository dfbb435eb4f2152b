import { userInfo } from "node:os";
import { UserError } from "@workstation/cli";
import { desktopPorts, type Places, placesFor, splitDatasetList, usualUser } from "@workstation/site";
import type { Workspace } from "../workspace/workspace.ts";
import type { ChosenImage } from "./choose-image.ts";
import { findScheduler, type SchedulerHere } from "./find-scheduler.ts";
import { usualFlavor } from "./flavor-size.ts";
import { findUser, grantedDatasets, type KnownUser, knownDatasets, knownUser } from "./known-state.ts";
import { type Passwords, secretFiles } from "./passwords.ts";
import { parsePorts, withPorts } from "./published-ports.ts";
import { readRunMachine } from "./run-machine.ts";
import type { RunRequest } from "./run-settings.ts";

/** The words of the command line. */
export interface RunOptions {
  readonly command: readonly string[];
  readonly user: string | undefined;
  /** Without anybody's homes, data and jobs, also where the usual user is known. */
  readonly nobody: boolean;
  readonly datasets: string | undefined;
  readonly flavor: string | undefined;
  readonly publish: readonly string[];
  readonly state: string | undefined;
  readonly run: string | undefined;
  readonly passwords: Passwords;
}

/** What it comes to on this machine. */
export interface ReadRequest {
  readonly request: RunRequest;
  /** Undefined: nobody's container has none. */
  readonly scheduler: SchedulerHere | undefined;
}

/** Reads what this machine has of what is asked for. Throws what its parts throw. */
export async function readRequest(
  { site }: Workspace,
  image: ChosenImage,
  options: RunOptions,
): Promise<ReadRequest> {
  const kind = image.kind === "desktop" && options.command.length === 0 ? "desktop" : "job";
  const own = placesFor(process.getuid?.() ?? 0, process.env);
  const places = { state: options.state ?? own.state, run: options.run ?? own.run };
  const user = chooseUser({ site, places }, options);
  const scheduler = user === undefined ? undefined : await findScheduler(places.run, user.name);
  const asked = parsePorts(options.publish);
  const { upload, download } = site.desktop.files;
  const wanted = [desktopPorts.vnc, ...(upload || download ? [desktopPorts.ssh] : [])];
  const request: RunRequest = {
    image: image.reference,
    command: options.command,
    user,
    datasets: chooseDatasets(places.state, user, options.datasets),
    flavor: options.flavor ?? usualFlavor(site, kind),
    kind,
    home: image.family ? "image" : "memory",
    places,
    socketFolder: scheduler?.folder ?? false,
    ports: kind === "desktop" ? withPorts(asked, wanted) : asked,
    secrets: Object.keys(secretFiles(options.passwords)),
    machine: await readRunMachine(),
  };
  return { request, scheduler };
}

interface Asker {
  readonly site: Workspace["site"];
  readonly places: Places;
}

/**
 * A container is somebody's: where nobody is named, that of whoever starts it, if this machine has such a user.
 * Throws `USER_OR_NOBODY`.
 */
function chooseUser({ site, places }: Asker, { user, nobody }: RunOptions): KnownUser | undefined {
  if (user !== undefined && nobody) {
    throw new UserError("USER_OR_NOBODY", "--user and --nobody exclude each other", {
      hint: "leave one of them out",
    });
  }
  if (nobody) return undefined;
  if (user !== undefined) return knownUser(places.state, user);
  const own = usualUser(site, { uid: process.getuid?.() ?? 0, login: userInfo().username });
  return findUser(places.state, own);
}

/** Those that are named, else for a user all that were granted. Throws `USER_NEEDED`. */
function chooseDatasets(
  state: string,
  user: KnownUser | undefined,
  named: string | undefined,
): readonly string[] {
  if (named === undefined) return user === undefined ? [] : grantedDatasets(state, user);
  const ids = splitDatasetList(named);
  if (user !== undefined) return knownDatasets(state, user, ids);
  if (ids.length === 0) return [];
  throw new UserError("USER_NEEDED", "--datasets needs a user: datasets are mounted for somebody", {
    hint: "add --user <name> (npm run scheduler -- user list names them), or leave --datasets out",
  });
}
