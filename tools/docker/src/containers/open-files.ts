import { readFile } from "node:fs/promises";
import type { DockerConnection } from "../connect.ts";
import { daemonSocket } from "./daemon-info.ts";

/** Where an engine that the system started listens. */
export const usualSockets = ["/var/run/docker.sock", "/run/docker.sock"];

/**
 * How many open files an engine on this machine can allow a container, at most; undefined for one on another machine,
 * which has to be tried. dockerd cannot go beyond its own hard limit where it runs without CAP_SYS_RESOURCE, and then
 * refuses to start the container. Where dockerd's process is not known, this process stands for it.
 */
export async function localOpenFilesCeiling(docker: DockerConnection): Promise<number | undefined> {
  const socket = daemonSocket(docker);
  if (socket === undefined) return undefined;
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
