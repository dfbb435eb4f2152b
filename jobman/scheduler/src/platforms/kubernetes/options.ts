import { type Address, readAddress } from "../address.ts";
import type { ClusterOptions } from "../platform.ts";

/** What the command line says, parsed. */
export interface ClusterPlaces {
  readonly kubeconfig: string | undefined;
  readonly addresses: { readonly users: Address; readonly operator: Address; readonly probes: Address };
  /** Holds tls.crt and tls.key. */
  readonly tlsFolder: string;
  /** Where audit lines go besides standard output. */
  readonly auditFile: string | undefined;
}

/** Throws `INVALID_OPTION`. */
export function readOptions(options: ClusterOptions): ClusterPlaces {
  return {
    kubeconfig: options.kubeconfig,
    addresses: {
      users: readAddress("--listen", options.listen ?? ":8443"),
      operator: readAddress("--operator", options.operator ?? "127.0.0.1:8081"),
      probes: readAddress("--metrics", options.metrics ?? ":8082"),
    },
    tlsFolder: options.tls ?? "/etc/workstation/tls",
    auditFile: options.audit,
  };
}
