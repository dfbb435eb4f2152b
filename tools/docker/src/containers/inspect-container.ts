import type { ContainerInspectInfo } from "dockerode";
import type { DockerConnection } from "../connect.ts";
import { askSoon, askUnlessMissing, daemonWords, statusOf } from "./docker-fault.ts";

/** What one container is doing, from a close look. Times are milliseconds since the epoch. */
export interface ContainerState {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: ContainerStatus;
  /** What the engine's health checks found; absent for one without a check, or that does not run. */
  readonly health?: "starting" | "healthy" | "unhealthy";
  /** Absent for a container that never started. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode: number;
  readonly outOfMemory: boolean;
  /** The engine's words when it could not start it; empty otherwise. */
  readonly error: string;
}

export type ContainerStatus =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "removing"
  | "exited"
  | "dead";

/** One row of a list: cheap for thousands, without exact times or exit codes. */
export interface ContainerRow {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: ContainerStatus;
}

/** The container of that id or name; undefined when there is none. Waits while the engine starts it. */
export async function inspectContainer(
  docker: DockerConnection,
  idOrName: string,
): Promise<ContainerState | undefined> {
  const found = await askUnlessMissing(() =>
    askSoon(docker, (soon) => soon.getContainer(idOrName).inspect()),
  );
  return found === undefined ? undefined : toState(found);
}

/** The process numbers of a container, as the engine's machine counts them; none when it does not run. */
export async function containerProcesses(docker: DockerConnection, id: string): Promise<readonly number[]> {
  try {
    const found = await askUnlessMissing(() =>
      askSoon(docker, (soon) => soon.getContainer(id).top({ ps_args: "-eo pid" })),
    );
    const rows =
      (found as { readonly Processes?: readonly (readonly string[])[] } | undefined)?.Processes ?? [];
    return rows.map((row) => Number(row[0])).filter(Number.isInteger);
  } catch (error) {
    if (statusOf(error) === 409 || /is not running/i.test(daemonWords(error))) return [];
    throw error;
  }
}

/** The environment that a container gets, its image's included; undefined when there is no such container. */
export async function containerEnvironment(
  docker: DockerConnection,
  idOrName: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await askUnlessMissing(() =>
    askSoon(docker, (soon) => soon.getContainer(idOrName).inspect()),
  );
  const pairs = found?.Config.Env?.map(
    (each) => [nameOf(each), each.slice(nameOf(each).length + 1)] as const,
  );
  return found === undefined ? undefined : Object.fromEntries(pairs ?? []);
}

function nameOf(variable: string): string {
  return variable.split("=", 1)[0] ?? "";
}

/** Every container, running or not, that carries the label (`name=value`). */
export async function listContainers(
  docker: DockerConnection,
  label: string,
): Promise<readonly ContainerRow[]> {
  const found = await askSoon(docker, (soon) =>
    soon.listContainers({ all: true, filters: { label: [label] } }),
  );
  return found.map((each) => ({ id: each.Id, labels: each.Labels, status: each.State as ContainerStatus }));
}

function toState(found: ContainerInspectInfo): ContainerState {
  const startedAt = timeOf(found.State.StartedAt);
  const finishedAt = timeOf(found.State.FinishedAt);
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ""),
    labels: found.Config.Labels ?? {},
    status: found.State.Status as ContainerStatus,
    ...healthOf(found),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
    exitCode: found.State.ExitCode,
    outOfMemory: found.State.OOMKilled,
    error: found.State.Error,
  };
}

function healthOf({ State }: ContainerInspectInfo): Pick<ContainerState, "health"> {
  const health = State.Running ? State.Health?.Status : undefined;
  return health === "starting" || health === "healthy" || health === "unhealthy" ? { health } : {};
}

/** Docker writes the year 1 for "never". */
function timeOf(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) || time <= 0 ? undefined : time;
}
