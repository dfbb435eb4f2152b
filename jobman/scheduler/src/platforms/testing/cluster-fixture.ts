import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cluster, startCluster } from "@workstation/cluster";
import type { Site } from "@workstation/site";
import type { ClusterConnection } from "../kubernetes/api/connection.ts";
import { paths } from "../kubernetes/api/paths.ts";
import { type ClusterFlavor, clusterFlavors } from "../kubernetes/capacity/cluster-flavors.ts";
import type { KubernetesEngine } from "../kubernetes/kubernetes-engine.ts";
import { clusterSite } from "./cluster-site.ts";
import { shellCommands, testImage } from "./docker-fixture.ts";
import type { EngineCapabilities, EngineFixture } from "./engine-fixture.ts";
import { clusterUsers, makeKubernetesFixture } from "./kubernetes-fixture.ts";

export const clusterCapabilities: EngineCapabilities = {
  hasShell: true,
  tellsStreamsApart: false,
  badCommandFailsAtAdmission: false,
  keepsRecords: true,
  tellsUnfinishedLines: false,
  specificationBytes: 524_288,
};

interface HomeClaim {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: number;
}

/** Engines of two instances on a cluster with a real node, where jobs run. */
export interface ClusterFixture extends EngineFixture {
  readonly engine: KubernetesEngine;
  readonly cluster: Cluster;
  readonly connection: ClusterConnection;
  readonly site: Site;
  readonly flavors: readonly ClusterFlavor[];
  /** Another engine of the same instance, as a scheduler has it that was started a moment ago. */
  replica(): Promise<KubernetesEngine>;
  /** Makes a claim that is bound to a user's home, which is `uid`'s from then on, or that of all jobs. */
  giveHome(user: string, claim: HomeClaim): Promise<void>;
  /** The home of a user on this machine's disk. */
  homeOf(user: string): string;
}

/** Starts a cluster with one node, on which the users' homes are folders of this machine. */
export async function makeClusterFixture(): Promise<ClusterFixture> {
  const cluster = await startCluster();
  const folder = mkdtempSync(join(tmpdir(), "workstation-homes-"));
  await cluster.node.importImage(testImage);
  const site = siteOnOneNode();
  const flavors = clusterFlavors(site, { nodes: [], known: 0 }).map((flavor) => ({
    ...flavor,
    resources: { cores: 1, memoryBytes: 256e6 },
    requestedCores: 0.1,
  }));
  const on = await makeKubernetesFixture(cluster.controlPlane, { site, flavors: () => flavors });
  const homeOf = (user: string) => join(folder, user);
  const giveHome: ClusterFixture["giveHome"] = (user, claim) =>
    bindHome(on.connection, { uid: 20_001, ...claim }, homeOf(user));
  for (const user of clusterUsers)
    await giveHome(user, { namespace: `user-${user}`, name: "persistent-home" });
  return {
    cluster,
    site,
    flavors,
    homeOf,
    giveHome,
    replica: on.replica,
    connection: on.connection,
    engine: on.engine,
    other: await on.other(),
    commands: shellCommands,
    shortGraceSeconds: site.limits.stopGrace,
    request: (parts, environment = {}) => on.request({ image: testImage, ...parts }, environment),
    dispose: async () => {
      await on.dispose();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function siteOnOneNode(): Site {
  const site = clusterSite({ slots: 40 });
  const volumes = {
    persistentHome: { claim: "persistent-home" },
    sharedFolder: null,
    datasets: null,
    datalake: null,
  };
  const kubernetes = { ...site.kubernetes, volumes, startTimeout: 10 };
  return { ...site, images: { allowed: [testImage] }, kubernetes };
}

/** A claim, and the folder that it is bound to. */
async function bindHome(
  connection: ClusterConnection,
  { namespace, name: claim, uid }: Required<HomeClaim>,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, uid);
  const capacity = { storage: "1Gi" };
  const shared = { accessModes: ["ReadWriteMany"], storageClassName: "" };
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `${namespace}-${claim}` },
    spec: { ...shared, capacity, hostPath: { path: folder }, claimRef: { namespace, name: claim } },
  };
  await connection.ask("POST", paths.volumes(), { body: volume });
  const body = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: claim },
    spec: { ...shared, resources: { requests: capacity }, volumeName: volume.metadata.name },
  };
  await connection.ask("POST", paths.claims(namespace), { body });
}
