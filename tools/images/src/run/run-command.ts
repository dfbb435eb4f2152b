import { exitCodes } from "@workstation/cli";
import {
  type ContainerSettings,
  type DockerConnection,
  type PublishedPort,
  publishedPorts,
  runAttached,
} from "@workstation/docker";
import type { Workspace } from "../workspace/workspace.ts";
import { makeRunContainer, notStarted, removeRunContainer, startOrRemove } from "./run-container.ts";

/** A container that is made, and how it is to run. */
export interface CommandRun {
  readonly name: string;
  readonly settings: ContainerSettings;
  readonly detach: boolean;
  /** Hears of one that stays, once it runs. */
  readonly tell: (facts: DetachedFacts) => void;
}

/** What a person or a program needs of a container that stays. */
export interface DetachedFacts {
  readonly name: string;
  readonly ports: readonly PublishedPort[];
}

/**
 * Runs a command in a container before the person's eyes, with a terminal if they have one, and removes it; its exit code is
 * the command's. Detached it is started, told of, and stays.
 */
export async function runCommandIn(
  workspace: Workspace,
  docker: DockerConnection,
  run: CommandRun,
): Promise<number> {
  if (run.detach) return await startDetached(workspace, docker, run);
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const container = await makeRunContainer(docker, workspace.site, {
    name: run.name,
    settings: { ...run.settings, interactive: { terminal } },
    secrets: {},
  });
  try {
    const end = await runAttached(docker, container.id, {
      streams: process,
      terminal,
      signal: workspace.signal,
    });
    if ("exitCode" in end) return end.exitCode;
    throw notStarted(run.settings, "message" in end ? end.message : end.outcome);
  } finally {
    await removeRunContainer(docker, container.id, workspace.site.limits.stopGrace);
  }
}

async function startDetached(
  workspace: Workspace,
  docker: DockerConnection,
  run: CommandRun,
): Promise<number> {
  const container = await makeRunContainer(docker, workspace.site, { ...run, secrets: {} });
  await startOrRemove(docker, container, run.settings);
  run.tell({ name: container.name, ports: await publishedPorts(docker, container.id) });
  workspace.reporter.info(`it runs; end it with: npm run images -- run --stop ${container.name}`);
  return exitCodes.ok;
}
