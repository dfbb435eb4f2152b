import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";
import type { UserManifest } from "./manifest.ts";

/** How desktops find the scheduler, as an operator says it. */
export interface Way {
  /** Absent: that of the chart's Service. */
  readonly url?: string;
  /** A PEM file of who certifies it; absent where desktops trust the authority anyway. */
  readonly caFile?: string;
}

/**
 * What a user's desktops mount beside their token, where an operator says how the scheduler is reached; else none, so that
 * what is there stays. Throws `INVALID_OPTION`.
 */
export function desktopSettings(
  { kubernetes }: Pick<Site, "kubernetes">,
  user: string,
  { url, caFile }: Way,
): readonly UserManifest[] {
  if (url === undefined && caFile === undefined) return [];
  const address = url ?? `https://scheduler.${kubernetes.namespace}.svc`;
  if (!URL.canParse(address) || new URL(address).protocol !== "https:") {
    throw new UserError("INVALID_OPTION", `--url is ${JSON.stringify(address)}, which is no https address`, {
      hint: "as in --url https://jobman.example.org",
    });
  }
  const namespace = `${kubernetes.namespacePrefix}${user}`;
  const authority = caFile === undefined ? {} : { "ca.crt": readAuthority(caFile) };
  return [
    {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "jobman", namespace },
      data: { url: address, ...authority },
    },
  ];
}

function readAuthority(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    if (new X509Certificate(text).ca) return text;
  } catch (cause) {
    throw new UserError("INVALID_OPTION", `--ca-file ${file} holds no certificate: ${cause}`, {
      hint: "a PEM file, such as ca.crt of the Secret scheduler-tls",
      cause,
    });
  }
  throw new UserError("INVALID_OPTION", `--ca-file ${file} is the certificate of no authority`, {
    hint: "desktops check others with it: take ca.crt of the Secret scheduler-tls, not tls.crt",
  });
}
