import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ControlledProcess, controlledProcess } from "../processes/controlled-process.ts";
import { asker } from "./ask.ts";
import { apiServerUrl, etcdUrl, loopback, type Place } from "./place.ts";

export interface ApiServerOptions {
  /** Added to the API server's own, of which they override those of the same name. */
  readonly serverFlags?: readonly string[];
  /** An `AuthenticationConfiguration`, for OIDC. */
  readonly authentication?: object;
  /** An `AdmissionConfiguration`. */
  readonly admission?: object;
}

/** As in a real cluster: RBAC and the authorization of nodes, every default admission plugin, an audit log. */
export async function apiServer(place: Place, options: ApiServerOptions): Promise<ControlledProcess> {
  const ask = asker(apiServerUrl(place), place.authority.certificate, place.administrator);
  return controlledProcess({
    name: "kube-apiserver",
    folder: place.folder,
    argv: [
      place.programs["kube-apiserver"],
      ...network(place),
      ...(await storage(place)),
      ...(await identity(place)),
      ...audit(place),
      ...configuration(place, options),
      ...(options.serverFlags ?? []),
    ],
    ready: async () => (await ask({ path: "/readyz" })).status === 200,
  });
}

/** One line of JSON a request that was answered. */
export const auditLogFile = (folder: string): string => join(folder, "audit.log");

/** The keys with which service accounts' tokens are signed. */
export const accountKeyFile = (folder: string): string => join(folder, "service-accounts.key");

function network({ address, ports, serviceRange }: Place): readonly string[] {
  // The Service `kubernetes` may not lead to loopback: without another address it leads nowhere.
  const reachable = address !== loopback;
  return [
    `--bind-address=${address}`,
    `--secure-port=${ports.apiServer}`,
    ...(reachable ? [`--advertise-address=${address}`] : ["--endpoint-reconciler-type=none"]),
    `--service-cluster-ip-range=${serviceRange}`,
    "--allow-privileged=true",
  ];
}

async function storage(place: Place): Promise<readonly string[]> {
  const client = await place.authority.issue("etcd-client", { name: "kube-apiserver" });
  return [
    `--etcd-servers=${etcdUrl(place)}`,
    `--etcd-cafile=${place.authority.certificateFile}`,
    `--etcd-certfile=${client.certificateFile}`,
    `--etcd-keyfile=${client.keyFile}`,
  ];
}

async function identity({ folder, authority, address, serviceRange }: Place): Promise<readonly string[]> {
  const hosts = [
    ...new Set([address, loopback]),
    "localhost",
    "kubernetes.default.svc",
    firstAddress(serviceRange),
  ];
  const own = await authority.issue("kube-apiserver", { name: "kube-apiserver", hosts });
  const kubelets = await authority.issue("kubelet-client", {
    name: "kube-apiserver-kubelet-client",
    groups: ["system:masters"],
  });
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const secret = keys.privateKey.export({ type: "sec1", format: "pem" });
  writeFileSync(accountKeyFile(folder), secret, { mode: 0o600 });
  return [
    `--tls-cert-file=${own.certificateFile}`,
    `--tls-private-key-file=${own.keyFile}`,
    `--client-ca-file=${authority.certificateFile}`,
    `--kubelet-certificate-authority=${authority.certificateFile}`,
    `--kubelet-client-certificate=${kubelets.certificateFile}`,
    `--kubelet-client-key=${kubelets.keyFile}`,
    "--kubelet-preferred-address-types=InternalIP",
    "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
    `--service-account-key-file=${accountKeyFile(folder)}`,
    `--service-account-signing-key-file=${accountKeyFile(folder)}`,
    "--authorization-mode=Node,RBAC",
    "--enable-admission-plugins=NodeRestriction",
  ];
}

/** Of the Service `kubernetes`. */
function firstAddress(range: string): string {
  const parts = range.replace(/\/.*/, "").split(".");
  return [...parts.slice(0, 3), Number(parts[3]) + 1].join(".");
}

function audit({ folder }: Place): readonly string[] {
  const policy = writeJson(folder, "audit-policy", {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [{ level: "Metadata" }],
  });
  return [
    `--audit-policy-file=${policy}`,
    `--audit-log-path=${auditLogFile(folder)}`,
    "--audit-log-maxsize=10000",
  ];
}

function configuration({ folder }: Place, options: ApiServerOptions): readonly string[] {
  const { authentication, admission } = options;
  return [
    ...(authentication === undefined
      ? []
      : [`--authentication-config=${writeJson(folder, "authentication", authentication)}`]),
    ...(admission === undefined
      ? []
      : [`--admission-control-config-file=${writeJson(folder, "admission", admission)}`]),
  ];
}

/** JSON, which is YAML. */
function writeJson(folder: string, name: string, content: object): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify(content));
  return file;
}
