import { readFileSync } from "node:fs";
import type { BuildMachine } from "../generate/pack-context.ts";

/** Where programs are told of a machine's certificate authorities, private ones included. */
const authorityVariables = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"] as const;
const indexVariables = ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] as const;

/** What this machine adds to a build and no image keeps: its authorities and its own package index. */
export function readBuildMachine(
  environment: Readonly<Record<string, string | undefined>>,
  indexUrl?: string,
): BuildMachine {
  const bundle = authorityVariables.map((name) => environment[name]).find((path) => path !== undefined);
  const index = indexUrl ?? indexVariables.map((name) => environment[name]).find((url) => url !== undefined);
  return {
    ...(bundle === undefined ? {} : { authorities: readFileSync(bundle) }),
    ...(index === undefined ? {} : { indexUrl: index }),
  };
}
