import { exitCodes, formatTable, UserError } from "@workstation/cli";
import {
  type ContainerState,
  connectDocker,
  type DockerConnection,
  execInContainer,
  inspectContainer,
  isBeyondLimits,
  listContainers,
  statusOf,
} from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import type { Workspace } from "../workspace/workspace.ts";
import { runKind } from "./run-settings.ts";

/** `images run --list`: as a table, or what `print` makes of it for a program. */
export async function showRuns(
  { stdout, reporter }: Workspace,
  print: ((data: { readonly containers: readonly object[] }) => string) | undefined,
): Promise<number> {
  const rows = await listRuns(await connectDocker());
  const containers = rows.map(({ name, owner = null, status }) => ({ name, owner, status }));
  const cells = containers.map(({ name, owner, status }) => [name, owner ?? "-", status]);
  stdout.write(print?.({ containers }) ?? formatTable(["NAME", "OWNER", "STATUS"], cells));
  if (rows.length === 0) reporter.info("nothing of `images run` is there");
  return exitCodes.ok;
}

/** What a list shows of one that runs or ran. */
export interface RunRow {
  readonly id: string;
  readonly name: string;
  readonly owner: string | undefined;
  /** The engine's word, for one that runs also how its health check went. */
  readonly status: string;
}

/** Every container that `images run` made, whoever started it. */
export async function listRuns(docker: DockerConnection): Promise<readonly RunRow[]> {
  const rows = await listContainers(docker, `${containerLabels.kind}=${runKind}`);
  const states = await Promise.all(rows.map(({ id }) => inspectContainer(docker, id)));
  const found = states.filter((state) => state !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return await Promise.all(
    found.map(async (state) => ({
      id: state.id,
      name: state.name,
      owner: state.labels[containerLabels.owner],
      status: await statusWords(docker, state),
    })),
  );
}

/** The engine's first check may come half a minute after the start: until it has, the container itself is asked. */
async function statusWords(
  docker: DockerConnection,
  { id, status, health }: ContainerState,
): Promise<string> {
  if (health === "unhealthy") return "unhealthy";
  if (health !== "starting") return status;
  const limits = { limitMs: 5000, outputLimitBytes: 64 * 1024 };
  try {
    const { exitCode } = await execInContainer(docker, id, { command: ["workstation-health"], ...limits });
    return exitCode === 0 ? status : "not ready yet";
  } catch (error) {
    if (isBeyondLimits(error) || [404, 409].includes(statusOf(error) ?? 0)) return "not ready yet";
    throw error;
  }
}

/** Throws `RUN_UNKNOWN`, naming those that there are; a container of anybody else's is none. */
export async function findRun(docker: DockerConnection, name: string): Promise<RunRow> {
  const rows = await listRuns(docker);
  const found = rows.find((row) => row.name === name);
  if (found !== undefined) return found;
  throw new UserError("RUN_UNKNOWN", `there is no container ${JSON.stringify(name)} of \`images run\``, {
    hint: rows.length === 0 ? "there is none at all" : `there are: ${rows.map((row) => row.name).join(", ")}`,
    exitCode: exitCodes.notFound,
  });
}
