import type { BuildPlace } from "@workstation/programs";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from "../control-plane/control-plane.ts";
import { type ClusterNetwork, makeClusterNetwork } from "../network/cluster-network.ts";
import { type ClusterNode, startNode } from "../node/node.ts";
import type { NodeOptions } from "../node/node-process.ts";
import { findNodePrograms, nodeObstacle, obtainNodePrograms } from "../programs/node-programs.ts";
import {
  controlPlaneObstacle,
  findControlPlanePrograms,
  obtainControlPlanePrograms,
} from "../programs/programs.ts";

/** A whole cluster with one node. */
export interface Cluster {
  readonly network: ClusterNetwork;
  readonly controlPlane: ControlPlane;
  readonly node: ClusterNode;
  /** Ends it and everything that it made on this machine. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly controlPlane?: Omit<ControlPlaneOptions, "address" | "serviceRange">;
  readonly node?: Omit<NodeOptions, "network">;
}

/** Gets the programs of control plane and node. Throws `KUBERNETES_MISSING`, `NODE_MISSING` and `COMMAND_FAILED`. */
export async function obtainClusterPrograms(place: BuildPlace): Promise<void> {
  await obtainControlPlanePrograms(place);
  await obtainNodePrograms(place);
}

/** Why no cluster can be started now; undefined when it can. */
export function clusterObstacle(): string | undefined {
  return controlPlaneObstacle() ?? nodeObstacle();
}

/** Throws `KUBERNETES_MISSING` and `NODE_MISSING`, which say the way out. */
export function insistOnPrograms(): void {
  findControlPlanePrograms();
  findNodePrograms();
}

/**
 * Starts one on a network of its own; resolves when its node is ready. It ends with this process, however that ends. Needs root;
 * throws `KUBERNETES_MISSING` and `NODE_MISSING` where programs are not there.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const started: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of started.splice(0).reverse()) await end();
  };
  insistOnPrograms();
  try {
    const network = await makeClusterNetwork();
    started.push(network.remove);
    const { address, serviceRange } = network;
    const controlPlane = await startControlPlane({ ...options.controlPlane, address, serviceRange });
    started.push(controlPlane.stop);
    const node = await startNode(controlPlane, { ...options.node, network });
    started.push(node.stop);
    return { network, controlPlane, node, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
