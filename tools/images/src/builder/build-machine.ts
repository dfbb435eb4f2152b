import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";
import type { BuildMachine } from "../recipe/pack-context.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where programs are told of a machine's certificate authorities, private ones included. */
const authorityVariables = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"] as const;
const indexVariables = ["UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"] as const;

/** What this machine adds to a build and no image keeps: its authorities and its own package index. */
export function readBuildMachine(environment: Environment, indexUrl?: string): BuildMachine {
  const bundle = authorityVariables.find((name) => environment[name]);
  const index = indexUrl ?? indexVariables.map((name) => environment[name]).find((url) => url);
  return {
    ...(bundle === undefined ? {} : { authorities: readBundle(bundle, environment[bundle] ?? "") }),
    ...(index === undefined ? {} : { indexUrl: index }),
  };
}

function readBundle(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError("AUTHORITIES_UNREADABLE", `${variable} names ${path}, which cannot be read`, {
      hint: `correct or unset ${variable}`,
      cause: error,
    });
  }
}
