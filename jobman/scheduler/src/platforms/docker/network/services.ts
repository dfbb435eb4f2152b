import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";
import type { Problem } from "../../../diagnostics/problems.ts";
import type { EngineContext } from "../context.ts";
import type { ServiceAddress } from "./firewall.ts";

/** A service that jobs may reach, by the name that the site gives it and by its address. */
export interface Service extends ServiceAddress {
  readonly host: string;
}

/** The site's services that have an address now. Each of the others is a problem until it has one. */
export async function resolveServices(
  context: Pick<EngineContext, "site" | "onProblems">,
): Promise<readonly Service[]> {
  const found = await Promise.all(
    context.site.network.services.map(async ({ host, port }) => {
      try {
        return { host, port, address: isIPv4(host) ? host : (await lookup(host, { family: 4 })).address };
      } catch (error) {
        return unresolved(`${host}:${port}`, (error as NodeJS.ErrnoException).code ?? "unknown");
      }
    }),
  );
  context.onProblems(
    "services",
    found.filter((each) => "message" in each),
  );
  return found.filter((each) => "address" in each);
}

function unresolved(service: string, code: string): Problem {
  return {
    message: `network.services: the name of ${service} has no address (${code}), so jobs do not reach it: correct it in site.yaml, or the machine's name service`,
    forUsers: `jobs cannot reach ${service} now, which this site offers them; ask the operator`,
  };
}
