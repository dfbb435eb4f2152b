import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { exitCodes, UserError } from "@workstation/cli";

/** A service outside that jobs may reach, by address. */
export interface ServiceAddress {
  readonly address: string;
  readonly port: number;
}

/** Runs a program with a text on its stdin; rejects when it fails. */
export type FeedTool = (program: string, argv: readonly string[], input: string) => Promise<void>;

export const feedTool: FeedTool = async (program, argv, input) => {
  const running = promisify(execFile)(program, [...argv], { timeout: 20_000 });
  running.child.stdin?.on("error", () => undefined); // a program that does not read it; its exit code tells
  running.child.stdin?.end(input);
  await running;
};

/** What the bridges of an instance's networks are called, up to the user's part; Linux allows 15 characters. */
export function bridgePrefix(instance: string): string {
  return `ws${shortHash(instance, 5)}`;
}

export function bridgeName(instance: string, owner: string): string {
  return `${bridgePrefix(instance)}${shortHash(owner, 8)}`;
}

function shortHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/** Puts the rules of an instance in force; changes nothing when they are. Needs root. Throws `FIREWALL_FAILED`. */
export async function ensureFirewall(
  instance: string,
  services: readonly ServiceAddress[],
  feed: FeedTool = feedTool,
): Promise<void> {
  try {
    await feed("iptables-restore", ["--wait", "--noflush"], firewallRules(instance, services));
    for (const [chain, ...rule] of jumps(instance)) {
      await feed("iptables", ["--wait", "-C", chain, ...rule], "").catch(() =>
        feed("iptables", ["--wait", "-I", chain, ...rule], ""),
      );
    }
  } catch (cause) {
    throw new UserError(
      "FIREWALL_FAILED",
      `jobs get no network, because iptables failed: ${(cause as Error).message}`,
      {
        hint: "install iptables and let Docker use it, or leave network.services empty in site.yaml",
        exitCode: exitCodes.unavailable,
        cause,
      },
    );
  }
}

/** True when every rule that keeps jobs in is in force, whatever else the machine's firewall has. */
export async function isFirewallWhole(instance: string, feed: FeedTool = feedTool): Promise<boolean> {
  const last = (["forward", "input"] as const).map((each) => [chainOf(instance, each), "-j", "REJECT"]);
  try {
    for (const rule of [...last, ...jumps(instance)]) await feed("iptables", ["--wait", "-C", ...rule], "");
    return true;
  } catch {
    return false;
  }
}

/** Takes them out of force. */
export async function removeFirewall(instance: string, feed: FeedTool = feedTool): Promise<void> {
  const chains = [chainOf(instance, "forward"), chainOf(instance, "input")];
  const steps = [
    ...jumps(instance).map(([chain, ...rule]) => ["-D", chain, ...rule]),
    ...chains.flatMap((chain) => [
      ["-F", chain],
      ["-X", chain],
    ]),
  ];
  for (const step of steps) await feed("iptables", ["--wait", ...step], "").catch(() => undefined);
}

/**
 * The rules, for iptables-restore: from a job's bridge only the services are reached, and only answers come back; the
 * host's own ports are closed. Refusals are answered, so that programs fail at once instead of waiting.
 */
export function firewallRules(instance: string, services: readonly ServiceAddress[]): string {
  const from = `-i ${bridgePrefix(instance)}+`;
  const allowed = services.map(
    ({ address, port }) => `${from} -d ${address}/32 -p tcp -m tcp --dport ${port} -j ACCEPT`,
  );
  const answers = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT";
  const forward = [answers, ...allowed, "-j REJECT"].map(
    (rule) => `-A ${chainOf(instance, "forward")} ${rule}`,
  );
  const input = [...allowed, "-j REJECT"].map((rule) => `-A ${chainOf(instance, "input")} ${rule}`);
  const declared = [`:${chainOf(instance, "forward")} - [0:0]`, `:${chainOf(instance, "input")} - [0:0]`];
  return ["*filter", ...declared, ...forward, ...input, "COMMIT", ""].join("\n");
}

/** Docker asks DOCKER-USER before its own rules, and leaves it alone. */
function jumps(instance: string): readonly (readonly [string, ...string[]])[] {
  const bridges = `${bridgePrefix(instance)}+`;
  const [forward, input] = [chainOf(instance, "forward"), chainOf(instance, "input")];
  return [
    ["DOCKER-USER", "-i", bridges, "-j", forward],
    ["DOCKER-USER", "-o", bridges, "-j", forward],
    ["INPUT", "-i", bridges, "-j", input],
  ];
}

/** iptables allows 28 characters. */
function chainOf(instance: string, direction: "forward" | "input"): string {
  return `WORKSTATION-${bridgePrefix(instance)}-${direction === "forward" ? "F" : "I"}`;
}
