import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ControlPlane, startControlPlane } from "@workstation/cluster";
import { clusterAnnotations, clusterLabels } from "@workstation/site";
import { type BenchSite, userCount, userName, writeBenchSite } from "./bench-site.ts";

/** A real control plane without controllers and nodes, with the namespaces of the users. */
export interface World extends BenchSite {
  readonly controlPlane: ControlPlane;
  /** The file that an account's programs are given to reach the API server with; each account may do everything. */
  account(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** What an account's file holds. */
export interface Account {
  readonly server: string;
  readonly certificateAuthority: string;
  readonly token: string;
}

export async function startWorld(): Promise<World> {
  const controlPlane = await startControlPlane({ controllerManager: false });
  const site = writeBenchSite(controlPlane.folder);
  const { namespace } = site.site.kubernetes;
  await make(controlPlane, "/api/v1/namespaces", { metadata: { name: namespace } });
  await Promise.all(Array.from({ length: userCount }, (_, index) => makeUser(controlPlane, index)));
  return {
    ...site,
    controlPlane,
    account: (name) => makeAccount(controlPlane, namespace, name),
    stop: controlPlane.stop,
  };
}

async function makeUser(controlPlane: ControlPlane, index: number): Promise<void> {
  const user = userName(index);
  const id = String(20_000 + index);
  const name = `user-${user}`;
  const labels = { [clusterLabels.managed]: "true", [clusterLabels.user]: user };
  const annotations = { [clusterAnnotations.uid]: id, [clusterAnnotations.gid]: id };
  await make(controlPlane, "/api/v1/namespaces", { metadata: { name, labels, annotations } });
  await make(controlPlane, `/api/v1/namespaces/${name}/serviceaccounts`, { metadata: { name: "default" } });
}

async function makeAccount(controlPlane: ControlPlane, namespace: string, name: string): Promise<string> {
  await make(controlPlane, `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } });
  await make(controlPlane, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", {
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "ServiceAccount", name, namespace }],
  });
  const { url: server, certificateAuthority, folder } = controlPlane;
  const token = await tokenOf(controlPlane, { namespace, name });
  const file = join(folder, `${name}.account.json`);
  writeFileSync(file, JSON.stringify({ server, certificateAuthority, token } satisfies Account), {
    mode: 0o600,
  });
  return file;
}

/** A token of a service account, for the API server itself or for another audience. */
export async function tokenOf(
  controlPlane: ControlPlane,
  account: { readonly namespace: string; readonly name: string; readonly audience?: string },
): Promise<string> {
  const { namespace, name, audience } = account;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const audiences = audience === undefined ? {} : { audiences: [audience] };
  return (await make(controlPlane, path, { spec: { expirationSeconds: 7200, ...audiences } })).status.token;
}

async function make({ ask }: ControlPlane, path: string, body: object) {
  const answer = await ask({ method: "POST", path, body });
  if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.text}`);
  return answer.json();
}
