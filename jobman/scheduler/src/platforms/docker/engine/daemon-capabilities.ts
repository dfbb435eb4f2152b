import { exitCodes, UserError } from "@workstation/cli";
import { type DockerConnection, daemonInfo } from "@workstation/docker";

/** What only some of the engines that are supported can do. */
export interface EngineCapabilities {
  /** A folder that is only to be read is read-only in all that is mounted inside it, or its container does not start. */
  readonly forcesReadOnly: boolean;
}

/** Asks the engine. Throws `ENGINE_UNAVAILABLE`. */
export async function engineCapabilities(docker: DockerConnection): Promise<EngineCapabilities> {
  return capabilitiesOf((await daemonInfo(docker)).apiVersion);
}

/** An older engine leaves out what it does not know of a request without a word, so each has the API in which it came. */
export function capabilitiesOf(apiVersion: string): EngineCapabilities {
  return { forcesReadOnly: isAtLeast(apiVersion, 44) }; // ReadOnlyForceRecursive
}

/**
 * Refuses an engine that does not know all of what keeps jobs apart, such as a control group namespace of their own.
 * Throws `ENGINE_TOO_OLD`.
 */
export async function insistOnSupported(docker: DockerConnection): Promise<void> {
  insistOnApi((await daemonInfo(docker)).apiVersion);
}

export function insistOnApi(apiVersion: string): void {
  if (isAtLeast(apiVersion, 41)) return;
  throw new UserError("ENGINE_TOO_OLD", `the Docker Engine speaks API ${apiVersion}, and jobs need 1.41`, {
    hint: "install Docker Engine 20.10 or newer, or name another engine with --docker-host",
    exitCode: exitCodes.unavailable,
  });
}

/** Every API that is spoken today is 1.something. */
function isAtLeast(apiVersion: string, minor: number): boolean {
  const [major = 0, own = 0] = apiVersion.split(".").map(Number);
  return major > 1 || own >= minor;
}
