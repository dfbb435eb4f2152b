export type { Certificate, Subject } from "./certificates/authority.ts";
export {
  type Cluster,
  type ClusterOptions,
  clusterObstacle,
  obtainClusterPrograms,
  startCluster,
} from "./cluster/cluster.ts";
export type { Answer, Ask, Question } from "./control-plane/ask.ts";
export {
  type ControlPlane,
  type ControlPlaneOptions,
  type ProcessName,
  startControlPlane,
  type User,
} from "./control-plane/control-plane.ts";
export {
  askKept,
  findKeptCluster,
  importImageToKept,
  type KeptCluster,
  keepCluster,
  removeKeptCluster,
} from "./kept/kept-cluster.ts";
export { type ClusterNetwork, makeClusterNetwork } from "./network/cluster-network.ts";
export { type ClusterNode, startNode } from "./node/node.ts";
export type { NodeOptions } from "./node/node-process.ts";
export type { ControlledProcess } from "./processes/controlled-process.ts";
export { findNodePrograms, nodeObstacle, obtainNodePrograms } from "./programs/node-programs.ts";
export {
  type ControlPlanePrograms,
  controlPlaneObstacle,
  findControlPlanePrograms,
  obtainControlPlanePrograms,
} from "./programs/programs.ts";
