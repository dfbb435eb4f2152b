import { exitCodes, UserError } from "@workstation/cli";
import {
  type ContainerSettings,
  type DockerConnection,
  publishedPorts,
  waitForContainer,
} from "@workstation/docker";
import { desktopPorts } from "@workstation/site";
import { startWebDesktop, type WebDesktop } from "../web/start-web-desktop.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { awaitDesktop } from "./await-desktop.ts";
import type { DesktopFacts } from "./connection-notes.ts";
import type { SchedulerHere } from "./find-scheduler.ts";
import { lastWords } from "./last-words.ts";
import { askMadePasswords, type Passwords, secretFiles } from "./passwords.ts";
import { reachable } from "./published-ports.ts";
import { makeRunContainer, type RunContainer, removeRunContainer, startOrRemove } from "./run-container.ts";

/** A desktop as it was asked for. */
export interface DesktopRun {
  readonly name: string;
  readonly settings: ContainerSettings;
  /** Whose it is; undefined: nobody's. */
  readonly owner: string | undefined;
  readonly scheduler: SchedulerHere | undefined;
  /** Those that were given; the desktop makes the others. */
  readonly passwords: Passwords;
  readonly health: readonly string[];
  readonly web: boolean;
  /** The command that starts it again, for the page. */
  readonly again: string;
  readonly detach: boolean;
  /** Hears how to connect, once. */
  readonly tell: (facts: DesktopFacts) => void;
}

/**
 * Starts a desktop, waits until it can be used, and says how. Detached it stays; else it goes when it ends, or when the
 * person interrupts.
 */
export async function runDesktop(
  workspace: Workspace,
  docker: DockerConnection,
  run: DesktopRun,
): Promise<number> {
  const container = await makeRunContainer(docker, workspace.site, {
    name: run.name,
    settings: run.settings,
    secrets: secretFiles(run.passwords),
  });
  await startOrRemove(docker, container, run.settings);
  let keep = false;
  try {
    const facts = await becomeReady(workspace, docker, { container, run });
    keep = run.detach;
    if (keep) run.tell(facts);
    else await stayWith(workspace, docker, { container, run, facts });
    return exitCodes.ok;
  } finally {
    if (!keep) await removeRunContainer(docker, container.id, workspace.site.limits.stopGrace);
  }
}

interface Started {
  readonly container: RunContainer;
  readonly run: DesktopRun;
}

async function becomeReady(
  workspace: Workspace,
  docker: DockerConnection,
  { container, run }: Started,
): Promise<DesktopFacts> {
  const { signal } = workspace;
  await workspace.reporter.step(`Starting ${container.name}`, (reporter) =>
    awaitDesktop(docker, container.id, { health: run.health, reporter, signal }),
  );
  const made =
    run.passwords.vnc !== undefined && run.passwords.ssh !== undefined
      ? {}
      : await askMadePasswords(docker, container.id, signal);
  return {
    name: container.name,
    image: run.settings.image,
    owner: run.owner,
    account: workspace.site.user.name,
    ports: await publishedPorts(docker, container.id),
    passwords: { ...made, ...run.passwords },
    scheduler: run.scheduler,
    link: undefined,
    detached: run.detach,
  };
}

/** Until it ends by itself or the person wants to stop. Throws `DESKTOP_FAILED` with its last words. */
async function stayWith(
  workspace: Workspace,
  docker: DockerConnection,
  { container, run, facts }: Started & { readonly facts: DesktopFacts },
): Promise<void> {
  const page = run.web ? await startPage(workspace, facts, run.again) : undefined;
  try {
    run.tell({ ...facts, link: page?.link });
    const code = await ended(docker, container.id, workspace.signal);
    await page?.end(farewell(code), code === undefined ? 0 : undefined);
    if (code === undefined) return workspace.reporter.info(`stopping ${container.name}`);
    if (code === 0) return workspace.reporter.info(`${container.name} was ended from inside`);
    throw new UserError(
      "DESKTOP_FAILED",
      `${container.name} ended with ${code}:\n${await lastWords(docker, container.id)}`,
      { exitCode: exitCodes.failure },
    );
  } finally {
    await page?.close();
  }
}

/** How it ended, as its page says it. */
function farewell(code: number | undefined): string {
  if (code === undefined) return "The command that showed it, images run, was stopped.";
  if (code === 0) return "It was ended from inside.";
  return `It ended with exit code ${code}; its last words stand where images run was started.`;
}

/** The exit code; undefined when the person was faster. */
async function ended(docker: DockerConnection, id: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    return await waitForContainer(docker, id, signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function startPage(workspace: Workspace, facts: DesktopFacts, again: string): Promise<WebDesktop> {
  const port = (inside: number) => facts.ports.find((each) => each.containerPort === inside);
  const [vnc, ssh] = [port(desktopPorts.vnc), port(desktopPorts.ssh)];
  if (vnc === undefined) throw new Error("a desktop without a VNC port");
  const { owner, name, account, passwords } = facts;
  return await startWebDesktop({
    title: owner === undefined ? name : `${owner}: ${name}`,
    vnc: { host: reachable(vnc.address), port: vnc.hostPort, password: passwords.vnc },
    clipboard: workspace.site.desktop.clipboard,
    kept:
      owner === undefined
        ? "Nothing of it is kept: it was nobody's."
        : `The persistent-home of ${owner} and what it wrote into persistent-shared-folder are kept; all else is gone.`,
    again,
    files:
      ssh === undefined
        ? "This site lets no files into a desktop."
        : `They come by SFTP: sftp -P ${ssh.hostPort} ${account}@${reachable(ssh.address)}, then: put FILE persistent-home/`,
  });
}
