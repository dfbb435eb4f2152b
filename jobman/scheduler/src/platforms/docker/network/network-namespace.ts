import { readFile } from "node:fs/promises";
import { exitCodes, UserError } from "@workstation/cli";

/**
 * Refuses a bridge that is in another network namespace than this process: its rules are written where this process is,
 * so there they would hold nobody back. Throws `FIREWALL_FAILED`.
 */
export async function insistBridgeIsHere(bridge: string, table = "/proc/self/net/dev"): Promise<void> {
  if (interfacesIn(await readFile(table, "utf8")).includes(bridge)) return;
  throw new UserError(
    "FIREWALL_FAILED",
    `jobs get no network: the engine makes its bridges in another network namespace than the scheduler's (no ${bridge} here)`,
    {
      hint: "start the scheduler where the engine is: nsenter --net=/proc/$(pidof dockerd)/ns/net npm run scheduler -- serve --engine docker; or leave network.services empty in site.yaml",
      exitCode: exitCodes.unavailable,
    },
  );
}

/** A line of a device begins with its name and a colon (proc_pid_net(5)); of all that are there, running or not. */
function interfacesIn(table: string): readonly string[] {
  return table.split("\n").flatMap((line) => /^\s*([^\s:]+):/.exec(line)?.[1] ?? []);
}
