import { readFile } from "node:fs/promises";
import { UserError } from "@workstation/cli";
import { daemonSocket } from "@workstation/docker";
import { usualSockets } from "../containers/daemon-start.ts";
import { type ProbedEngine, probeOpenFiles } from "./open-files-probe.ts";

/**
 * How many open files an engine can allow a container, at most; `image`: one that is there, to find out with on another
 * machine. `report` hears when that is less than the site's `limits.openFiles`.
 */
export async function findOpenFilesCeiling(
  engine: ProbedEngine & { readonly report: (fault: unknown) => void },
  image: string,
): Promise<number> {
  const socket = daemonSocket(engine.docker);
  if (socket !== undefined) return await localCeiling(socket);
  const found = await probeOpenFiles(engine, image);
  const { openFiles } = engine.site.limits;
  if (found < openFiles) engine.report(lowered(openFiles, found));
  return found;
}

/** The first answer stands; a question that failed is asked again. */
export function askedOnce<Question, Answer>(
  ask: (question: Question) => Promise<Answer>,
): (question: Question) => Promise<Answer> {
  let asked: Promise<Answer> | undefined;
  return async (question) => {
    asked ??= ask(question);
    try {
      return await asked;
    } catch (fault) {
      asked = undefined;
      throw fault;
    }
  };
}

function lowered(wanted: number, found: number): UserError {
  return new UserError(
    "OPEN_FILES_LOWERED",
    `the engine gives a job ${found} open files, not the ${wanted} of limits.openFiles`,
    {
      hint: "raise the engine's own limit (LimitNOFILE of docker.service), or lower limits.openFiles in site.yaml",
    },
  );
}

/**
 * dockerd cannot go beyond its own hard limit where it runs without CAP_SYS_RESOURCE, and then refuses to start the
 * container. Where dockerd's process is not known, this process stands for it.
 */
async function localCeiling(socket: string): Promise<number> {
  const known = usualSockets.includes(socket) ? await readText("/run/docker.pid") : "";
  const dockerd = await limitOf(known.trim());
  return dockerd ?? (await limitOf("self")) ?? Number.POSITIVE_INFINITY;
}

async function limitOf(pid: string): Promise<number | undefined> {
  if (!/^(\d+|self)$/.test(pid)) return undefined;
  const limits = await readText(`/proc/${pid}/limits`);
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  if (hard === undefined) return undefined;
  return mayRaise(await readText(`/proc/${pid}/status`)) ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Capability 24 of capabilities(7). */
function mayRaise(status: string): boolean {
  const effective = /^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return "";
  }
}
