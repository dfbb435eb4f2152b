import { randomBytes, randomInt } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { UserError } from "@workstation/cli";
import type { NetworkInspectInfo } from "dockerode";
import type { DockerConnection } from "../connect.ts";
import { askSoon, daemonWords, statusOf } from "./docker-fault.ts";
import { createIsolatedNetwork, removeNetwork, removeUnusedNetwork } from "./networks.ts";

/** A network whose containers are called and call nobody. */
export interface InboundNetwork {
  readonly name: string;
  /** Who may call. */
  readonly from: "this machine" | "anywhere";
  /** What says whose it is: one of that name without them is somebody else's. */
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Makes a network whose containers can be called through published ports, and call nobody: not each other, nor anything
 * beyond this machine. For callers on this machine alone there is not even a way out, the gateway being an address that
 * nobody has; answers to others need one, and only their addresses stay untranslated. It is never there in another shape:
 * what must be found out is found out under another name. One that is there is used when it is as it would be made; else
 * throws `NETWORK_NOT_OURS`.
 */
export async function ensureInboundNetwork(docker: DockerConnection, wanted: InboundNetwork): Promise<void> {
  for (let attempt = 1; attempt <= mostAttempts; attempt += 1) {
    const [one, ...more] = await findNetworks(docker, wanted.name);
    if (one !== undefined && more.length === 0) return insistOnShape(one, wanted);
    if (one === undefined && (await makeAlone(docker, wanted))) return;
    await pause(randomInt(attempt * 200));
  }
  throw notOurs(wanted, "is made and removed by others all the time", "wait for them, then try again");
}

const mostAttempts = 10;

/**
 * False when others made one meanwhile: of this name, or in the subnet that was free. An engine lets two who ask at once
 * both have the name: whoever sees another one then takes the own one back, so that at most one stays.
 */
async function makeAlone(docker: DockerConnection, wanted: InboundNetwork): Promise<boolean> {
  try {
    const subnet = wanted.from === "anywhere" ? undefined : await freeSubnet(docker, wanted);
    const id = await create(docker, wanted, subnet);
    if ((await findNetworks(docker, wanted.name)).length === 1) return true;
    await removeUnusedNetwork(docker, id);
    return false;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

async function findNetworks(docker: DockerConnection, name: string): Promise<readonly NetworkInspectInfo[]> {
  const found = await askSoon(docker, (soon) => soon.listNetworks({ filters: { name: [name] } }));
  return found.filter((each) => each.Name === name);
}

const options = {
  "com.docker.network.bridge.enable_icc": "false",
  "com.docker.network.bridge.enable_ip_masquerade": "false",
};

async function create(docker: DockerConnection, wanted: InboundNetwork, subnet?: string): Promise<string> {
  const addresses =
    subnet === undefined ? {} : { IPAM: { Driver: "default", Config: [withoutGateway(subnet)] } };
  const { id } = await askSoon(docker, (soon) =>
    soon.createNetwork({
      Name: wanted.name,
      CheckDuplicate: true,
      Driver: "bridge",
      EnableIPv6: false,
      ...addresses,
      Options: options,
      Labels: { ...wanted.labels },
    }),
  );
  return id;
}

/** The engine takes a gateway only beside a subnet; one that it has just chosen for another network is free. */
async function freeSubnet(docker: DockerConnection, { name, labels }: InboundNetwork): Promise<string> {
  const probe = await createIsolatedNetwork(docker, `${name}-${randomBytes(6).toString("hex")}`, labels);
  try {
    const { IPAM } = (await askSoon(docker, (soon) =>
      soon.getNetwork(probe).inspect(),
    )) as NetworkInspectInfo;
    const subnet = IPAM?.Config?.find((each) => each.Subnet?.includes("."))?.Subnet;
    if (subnet === undefined) throw new Error(`the engine gave ${name} no subnet`);
    return subnet;
  } finally {
    await removeNetwork(docker, probe);
  }
}

function isTaken(error: unknown): boolean {
  const words = daemonWords(error);
  if (statusOf(error) === 404) return /no such network|network \S+ not found/i.test(words);
  return statusOf(error) === 409 || (statusOf(error) === 403 && /overlaps/i.test(words));
}

/** A subnet whose last address is called the gateway, in the words of the bridge driver. */
function withoutGateway(subnet: string) {
  return { Subnet: subnet, AuxiliaryAddresses: { DefaultGatewayIPv4: lastAddress(subnet) } };
}

/** The last address of a subnet that a machine could have: of 192.168.192.0/20 it is 192.168.207.254. */
function lastAddress(subnet: string): string {
  const [base = "", bits = ""] = subnet.split("/");
  const first = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const last = first + 2 ** (32 - Number(bits)) - 2;
  return [24, 16, 8, 0].map((shift) => Math.floor(last / 2 ** shift) % 256).join(".");
}

function insistOnShape(found: NetworkInspectInfo, wanted: InboundNetwork): void {
  const fault = faultOf(found, wanted);
  if (fault === undefined) return;
  const hint = `docker network rm ${wanted.name} removes it where no container uses it; then it is made anew`;
  throw notOurs(wanted, fault, hint);
}

function notOurs({ name }: InboundNetwork, fault: string, hint: string): UserError {
  return new UserError("NETWORK_NOT_OURS", `the network ${name} ${fault}: no container is put into it`, {
    hint,
  });
}

function faultOf(network: NetworkInspectInfo, { from, labels }: InboundNetwork): string | undefined {
  const has = (part: Readonly<Record<string, string>> | undefined, all: Readonly<Record<string, string>>) =>
    Object.entries(all).every(([name, value]) => part?.[name] === value);
  if (!has(network.Labels, labels)) return "was made by somebody else";
  if (network.Driver !== "bridge" || network.EnableIPv6 === true || !has(network.Options, options))
    return "lets its containers call others";
  if (from === "this machine" && !hasNoGateway(network)) return "has a way out";
  return undefined;
}

function hasNoGateway({ IPAM }: NetworkInspectInfo): boolean {
  const [config, ...more] = IPAM?.Config ?? [];
  const gateway = config?.AuxiliaryAddresses?.DefaultGatewayIPv4;
  return more.length === 0 && gateway !== undefined && gateway === lastAddress(config?.Subnet ?? "");
}
