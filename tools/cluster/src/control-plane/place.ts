import type { Authority, Certificate } from "../certificates/authority.ts";
import type { ControlPlanePrograms } from "../programs/programs.ts";

/** What the processes of one control plane know of each other. */
export interface Place {
  readonly folder: string;
  readonly programs: ControlPlanePrograms;
  readonly authority: Authority;
  /** Where the API server listens. */
  readonly address: string;
  readonly serviceRange: string;
  readonly ports: {
    readonly apiServer: number;
    readonly etcd: number;
    readonly etcdPeers: number;
    readonly controllerManager: number;
  };
  /** Of an administrator. */
  readonly administrator: Certificate;
}

/** etcd and the controller-manager serve this machine's own processes alone. */
export const loopback = "127.0.0.1";

export const apiServerUrl = ({ address, ports }: Place): string => `https://${address}:${ports.apiServer}`;

export const etcdUrl = ({ ports }: Place): string => `https://${loopback}:${ports.etcd}`;
