import { isIPv4 } from "node:net";
import { z } from "zod";

/** A user's jobs live in a network of eight addresses, so a pool is larger than one of them. */
const longestPrefix = 27;

// RFC 1918, and the shared addresses of RFC 6598, which no host of the Internet has either.
const privateParts = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

/** `network.pool`: private IPv4 addresses from which one small network a user is cut. */
export const networkPool = z
  .string({ error: "must be an IPv4 network, such as 10.213.0.0/16" })
  .superRefine((text, context) => {
    const message = poolFault(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

function poolFault(text: string): string | undefined {
  const pool = readNetwork(text);
  if (pool === undefined) return "must be an IPv4 network, such as 10.213.0.0/16";
  if (!privateParts.some((part) => contains(part, pool))) {
    return `must be private addresses: a part of ${privateParts.slice(0, -1).join(", ")} or ${privateParts.at(-1)}`;
  }
  if (pool.prefix > longestPrefix)
    return `must have room for at least four users: /${longestPrefix} or larger`;
  const first = firstAddress(pool);
  return first === pool.address
    ? undefined
    : `must start at its first address: write ${dotted(first)}/${pool.prefix}`;
}

interface Network {
  readonly address: number;
  readonly prefix: number;
}

function readNetwork(text: string): Network | undefined {
  const [address = "", prefix = "", ...rest] = text.split("/");
  if (!isIPv4(address) || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32 || rest.length > 0)
    return undefined;
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return { address: value, prefix: Number(prefix) };
}

function contains(part: string, pool: Network): boolean {
  const outer = readNetwork(part);
  if (outer === undefined || pool.prefix < outer.prefix) return false;
  return firstAddress({ ...pool, prefix: outer.prefix }) === outer.address;
}

function firstAddress({ address, prefix }: Network): number {
  return address - (address % 2 ** (32 - prefix));
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
