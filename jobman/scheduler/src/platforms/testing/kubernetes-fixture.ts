import { randomBytes } from "node:crypto";
import type { ControlPlane } from "@workstation/cluster";
import { clusterLabels, type Site } from "@workstation/site";
import type { JobSpec } from "../../queue/model.ts";
import type { CreateRequest } from "../engine.ts";
import { type ClusterConnection, connectCluster } from "../kubernetes/api/connection.ts";
import { paths } from "../kubernetes/api/paths.ts";
import { type ClusterFlavor, clusterFlavors } from "../kubernetes/capacity/cluster-flavors.ts";
import {
  createKubernetesEngine,
  type KubernetesEngine,
  type KubernetesEngineOptions,
} from "../kubernetes/kubernetes-engine.ts";
import { clusterImage, clusterSite } from "./cluster-site.ts";
import { makeSpec } from "./job-spec.ts";

/** Users whose namespaces are there. */
export const clusterUsers = ["alice", "bob", "carol", "dave"] as const;

/** Engines on a real API server, and what a test does to it as its administrator. */
export interface KubernetesFixture {
  readonly site: Site;
  readonly instance: string;
  readonly connection: ClusterConnection;
  readonly engine: KubernetesEngine;
  /** Another engine of the same instance, as a second replica has it, with a connection of its own. */
  replica(options?: Partial<KubernetesEngineOptions>): Promise<KubernetesEngine>;
  /** An engine of another instance. */
  other(): Promise<KubernetesEngine>;
  request(parts?: Partial<JobSpec>, environment?: Readonly<Record<string, string>>): CreateRequest;
  dispose(): Promise<void>;
}

/** A random instance on the API server, with the namespaces that it needs. */
export async function makeKubernetesFixture(
  controlPlane: Pick<ControlPlane, "kubeconfig">,
  options: { readonly site?: Site } & Partial<KubernetesEngineOptions> = {},
): Promise<KubernetesFixture> {
  const site = options.site ?? clusterSite();
  const flavors: readonly ClusterFlavor[] = clusterFlavors(site, { nodes: [], known: 0 });
  const instance = `test-${randomBytes(4).toString("hex")}`;
  const connections: ClusterConnection[] = [];
  const engines: KubernetesEngine[] = [];
  const connect = async (): Promise<ClusterConnection> => {
    const connection = await connectCluster(controlPlane.kubeconfig);
    connections.push(connection);
    return connection;
  };
  const make = async (parts: Partial<KubernetesEngineOptions>): Promise<KubernetesEngine> => {
    const engine = createKubernetesEngine({
      ...{ site, instance, resourcesAt: "admission", flavors: () => flavors, leads: () => true },
      connection: options.connection ?? (await connect()),
      ...options,
      ...parts,
    });
    engines.push(engine);
    return engine;
  };
  const connection = await connect();
  await makeNamespaces(connection, site);
  return {
    site,
    instance,
    connection,
    engine: await make({}),
    replica: (parts = {}) => make({ ...parts }),
    other: () => make({ instance: `${instance}-other` }),
    request: (parts = {}, environment = {}) => ({
      spec: makeSpec({ image: clusterImage, ...parts }),
      environment,
      resources: { cores: 1, memoryBytes: 256e6 },
    }),
    dispose: async () => {
      await Promise.all(engines.map((engine) => engine.close()));
      await Promise.all(connections.map((each) => each.close()));
    },
  };
}

/** The scheduler's namespace and those of the test's users; those that are there are left alone. */
async function makeNamespaces(connection: ClusterConnection, { kubernetes }: Site): Promise<void> {
  const users = clusterUsers.map((user) => ({
    name: `${kubernetes.namespacePrefix}${user}`,
    labels: { [clusterLabels.managed]: "true", [clusterLabels.user]: user },
  }));
  for (const { name, labels } of [{ name: kubernetes.namespace, labels: {} }, ...users]) {
    const body = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    await connection.ask("POST", paths.namespaces(), { body }).catch((error: unknown) => {
      if (!(error instanceof Error) || !/already exists/.test(error.message)) throw error;
    });
  }
}
