import type { DockerConnection } from "../connect.ts";
import { askSoon } from "./docker-fault.ts";

/** What the engine says of itself and its machine. */
export interface DaemonInfo {
  /** Stays the same over restarts of the engine. */
  readonly id: string;
  /** The newest that it speaks, such as `1.41`; requests that name none get it. */
  readonly apiVersion: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly runtimes: readonly string[];
  /** The local socket it was reached through; undefined for one behind a network address. */
  readonly socket: string | undefined;
}

/** Throws `ENGINE_UNAVAILABLE`. */
export async function daemonInfo(docker: DockerConnection): Promise<DaemonInfo> {
  const { ApiVersion } = await askSoon(docker, (soon) => soon.version());
  const info = (await askSoon(docker, (soon) => soon.info())) as {
    readonly ID: string;
    readonly NCPU: number;
    readonly MemTotal: number;
    readonly Runtimes?: Readonly<Record<string, unknown>>;
  };
  return {
    id: info.ID,
    apiVersion: ApiVersion,
    cores: info.NCPU,
    memoryBytes: info.MemTotal,
    runtimes: Object.keys(info.Runtimes ?? {}),
    socket: daemonSocket(docker),
  };
}

/** What the engine builds and runs where nobody asks for something else, such as `linux/amd64`. */
export async function enginePlatform(docker: DockerConnection): Promise<string> {
  const { Os, Arch } = await askSoon(docker, (soon) => soon.version());
  return `${Os}/${Arch}`;
}

/** The local socket of a connection; undefined for a network address. */
export function daemonSocket(docker: DockerConnection): string | undefined {
  const path = (docker.modem as { readonly socketPath?: unknown }).socketPath;
  return typeof path === "string" ? path : undefined;
}

/** True when the engine answers a fresh connection within `milliseconds`. */
export async function daemonAnswers(docker: DockerConnection, milliseconds: number): Promise<boolean> {
  try {
    const options = { abortSignal: AbortSignal.timeout(milliseconds) };
    await (docker as { version(query: object): Promise<unknown> }).version(options);
    return true;
  } catch {
    return false;
  }
}
