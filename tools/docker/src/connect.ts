import { Agent } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import type Dockerode from "dockerode";
import { parseEngineAddress } from "./daemon-address.ts";

/** A connection to a Docker Engine. Only this package looks inside it. */
export type DockerConnection = Dockerode;

/**
 * Connects to the engine that `host` names (`unix:///path` or `tcp://host:port`; default: `$DOCKER_HOST`, then the
 * usual sockets) and asks whether it answers. Throws `ENGINE_UNAVAILABLE` (exit code 69), `DOCKER_HOST_INVALID`.
 */
export async function connectDocker(
  host: string | undefined = process.env.DOCKER_HOST,
): Promise<DockerConnection> {
  const { default: Client } = await import("dockerode");
  const failures: string[] = [];
  for (const each of host ? [host] : defaultHosts()) {
    const docker = new Client(clientOptions(each));
    try {
      const limit = { abortSignal: AbortSignal.timeout(pingLimitMs) };
      await (docker as { ping(query: object): Promise<unknown> }).ping(limit);
      return docker;
    } catch (error) {
      failures.push(`${each}: ${(error as Error).message}`);
    }
  }
  throw daemonUnavailable(failures.join("; "));
}

const pingLimitMs = 60_000;

/** What an engine says of its age, or why none answers. */
export type EngineAnswer =
  | { readonly ok: true; readonly version: string; readonly apiVersion: string }
  | { readonly ok: false; readonly reason: string };

/** Whether an engine answers, and which version; throws for an address that is none, never for an engine that does not answer. */
export async function dockerAnswers(host?: string): Promise<EngineAnswer> {
  try {
    const docker = await connectDocker(host);
    const { Version, ApiVersion } = await docker.version();
    return { ok: true, version: Version, apiVersion: ApiVersion };
  } catch (error) {
    if (error instanceof UserError && error.code === "ENGINE_UNAVAILABLE") {
      return { ok: false, reason: error.message };
    }
    throw error;
  }
}

/** The fault that no engine answers, as a person can mend it. */
export function daemonUnavailable(reason: unknown): UserError {
  const text = reason instanceof Error ? reason.message : String(reason);
  return new UserError("ENGINE_UNAVAILABLE", `no Docker engine answers (${text})`, {
    hint: "start Docker or set DOCKER_HOST; `npm start` as root on Debian or Ubuntu installs and starts it",
    exitCode: exitCodes.unavailable,
    ...(reason instanceof Error ? { cause: reason } : {}),
  });
}

/** Where Docker's own client and its rootless variant listen. */
function defaultHosts(): readonly string[] {
  const runtime = process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    "/var/run/docker.sock",
    join(runtime, "docker.sock"),
    join(homedir(), ".docker/run/docker.sock"),
  ].map((path) => `unix://${path}`);
}

function clientOptions(host: string): Dockerode.DockerOptions {
  // A connection kept alive would still answer while the engine goes down, and break the first request after it.
  const agent = new Agent({ keepAlive: false });
  const options: Dockerode.DockerOptions & { readonly agent: Agent } = { agent, ...parseEngineAddress(host) };
  return options;
}
