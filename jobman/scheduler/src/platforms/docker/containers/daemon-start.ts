import { stat } from "node:fs/promises";
import { usualSockets } from "@workstation/docker";

/**
 * When the engine behind a local socket was started, in milliseconds since the epoch; undefined for a remote one.
 * The Engine API does not say it, but dockerd makes its socket and its pid file when it starts (with systemd's socket
 * activation only the latter).
 */
export async function daemonStartTime(socket: string | undefined): Promise<number | undefined> {
  if (socket === undefined) return undefined;
  const files = usualSockets.includes(socket) ? [socket, "/var/run/docker.pid"] : [socket];
  const times = await Promise.all(files.map(modifiedAt));
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

async function modifiedAt(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return undefined;
  }
}
