import { execFileSync } from "node:child_process";

/** Why the machine's firewall cannot be tried here, in brackets; undefined where it can. */
export function firewallObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "(needs root)";
  try {
    execFileSync("iptables", ["-S", "DOCKER-USER"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "(needs iptables with Docker's chains)";
  }
}
