import { redact, UserError } from "@workstation/cli";

/** Where a Docker Engine listens. */
export type EngineAddress =
  | { readonly socketPath: string }
  | { readonly protocol: "http"; readonly host: string; readonly port: number };

/** Reads `unix:///path` or `tcp://host:port`, as `DOCKER_HOST` has it. Throws `DOCKER_HOST_INVALID`. */
export function parseEngineAddress(text: string): EngineAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw invalid(text, "it is no address");
  if (url.protocol === "unix:") {
    if (url.host !== "" || url.pathname.length < 2) throw invalid(text, "it names no file");
    return { socketPath: decodeURIComponent(url.pathname) };
  }
  if (url.protocol !== "tcp:" && url.protocol !== "http:") {
    throw invalid(text, `${url.protocol}// is not spoken here`);
  }
  if (url.hostname === "") throw invalid(text, "it names no host");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { protocol: "http", host, port: Number(url.port || (url.protocol === "http:" ? 80 : 2375)) };
}

function invalid(text: string, why: string): UserError {
  return new UserError(
    "DOCKER_HOST_INVALID",
    `${JSON.stringify(redact(text))} is not where a Docker Engine listens: ${why}`,
    {
      hint: "set DOCKER_HOST (or --docker-host) to unix:///var/run/docker.sock or tcp://host:2375, or leave it out",
    },
  );
}
