import { afterAll, beforeAll } from "vitest";
import { type Cluster, type ClusterOptions, startCluster } from "../cluster/cluster.ts";
import {
  type ControlPlane,
  type ControlPlaneOptions,
  startControlPlane,
} from "../control-plane/control-plane.ts";

/**
 * A control plane for the tests of the `describe` around it, or of the file: started before them, stopped after them. What is
 * returned may be asked for it in tests and hooks. Where `controlPlaneObstacle()` is a reason, skip the `describe` with it.
 */
export function useControlPlane(options?: ControlPlaneOptions): () => ControlPlane {
  return use("control plane", () => startControlPlane(options));
}

/** The same with a node. Where `clusterObstacle()` is a reason, skip the `describe` with it. */
export function useCluster(options?: ClusterOptions): () => Cluster {
  return use("cluster", () => startCluster(options));
}

function use<T extends { stop(): Promise<void> }>(name: string, start: () => Promise<T>): () => T {
  let started: T | undefined;
  beforeAll(async () => {
    started = await start();
  });
  afterAll(() => started?.stop());
  return () => {
    if (started === undefined) throw new Error(`the ${name} is there in tests and hooks alone`);
    return started;
  };
}
