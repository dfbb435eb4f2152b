import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { asker } from "../control-plane/ask.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { afterThisProcess } from "../processes/after-this-process.ts";
import type { ControlledProcess } from "../processes/controlled-process.ts";
import { findDescendant } from "../processes/descendants.ts";
import { hold, letGo } from "../processes/hold.ts";
import { makeOwnFolder } from "../processes/own-folder.ts";
import { findNodePrograms, type NodePrograms } from "../programs/node-programs.ts";
import { nodeName, pauseImage, writeConfiguration } from "./configuration.ts";
import { controlGroupRemoval, makeControlGroup, removeControlGroup } from "./control-group.ts";
import { importImage } from "./import-image.ts";
import { type NodeOptions, nodeProcess } from "./node-process.ts";
import { packProgramImage } from "./program-image.ts";
import { kubeScheduler } from "./scheduler.ts";

/** A real node on this machine: containerd, kubelet, kube-proxy, and the scheduler that uses it. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  /** The plugin of its network lets every pod reach every other: NetworkPolicies are kept as objects, and do nothing. */
  readonly enforcesNetworkPolicies: false;
  /** No pod can resolve a name of a service; its address and the variables in the environment work. */
  readonly resolvesServiceNames: false;
  /** Gives pods their node. */
  readonly scheduler: ControlledProcess;
  /** Logs of containerd, kubelet and kube-proxy are there. */
  readonly folder: string;
  /** Brings an image of the local Docker Engine; pods that use it say `imagePullPolicy: Never` or `IfNotPresent`. */
  importImage(reference: string): Promise<void>;
  /** Holds the kubelet; resolves when the node does nothing more. Its containers go on. */
  pause(): Promise<void>;
  resume(): void;
  /** As if it lost its power: kubelet, containerd and all containers are killed. */
  kill(): Promise<void>;
  /** After `kill`; resolves when the node is ready. Its disk is as it was. */
  start(): Promise<void>;
  /** Ends it and everything that it made on this machine. */
  stop(): Promise<void>;
}

/**
 * Starts a node; resolves when it is ready. It ends with this process, however that ends. Needs root, and programs that
 * `obtainNodePrograms` gets: throws `NODE_MISSING` without them.
 */
export async function startNode(controlPlane: ControlPlane, options: NodeOptions): Promise<ClusterNode> {
  const programs = findNodePrograms();
  const folder = makeOwnFolder("workstation-node-");
  const controlGroup = basename(folder.path);
  makeControlGroup(controlGroup);
  const cancel = afterThisProcess(controlGroupRemoval, [controlGroup]);
  const ending: ControlledProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(ending.map((each) => each.kill()));
    await removeControlGroup(controlGroup);
    cancel();
    folder.remove();
  };
  try {
    const place = { controlPlane, options, programs, controlGroup, folder: folder.path };
    const kubeconfig = await prepare(place);
    const client = await controlPlane.issue({ name: "node-watcher", groups: ["system:masters"] });
    const node = nodeProcess({
      ...place,
      kubeconfig,
      askKubelet: asker(kubeletUrl(options), controlPlane.certificateAuthority, client),
    });
    const program = join(programs.folder, "kube-scheduler");
    const scheduler = await kubeScheduler(controlPlane, { folder: folder.path, program });
    ending.push(node, scheduler);
    await Promise.all(ending.map((each) => each.start()));
    return {
      ...handles(node, { folder: folder.path, programs }),
      address: options.network.nodeAddress,
      scheduler,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const kubeletUrl = ({ network }: NodeOptions): string => `https://${network.nodeAddress}:10250`;

interface NodePlace {
  readonly controlPlane: ControlPlane;
  readonly options: NodeOptions;
  readonly programs: NodePrograms;
  readonly controlGroup: string;
  readonly folder: string;
}

/** Writes all its files; returns the kubeconfig of its kubelet. */
async function prepare({
  controlPlane,
  options,
  programs,
  controlGroup,
  folder,
}: NodePlace): Promise<string> {
  const { network } = options;
  const certificateAuthorityFile = join(folder, "authority.crt");
  writeFileSync(certificateAuthorityFile, controlPlane.certificateAuthority);
  mkdirSync(join(folder, "pause"));
  await packProgramImage(join(folder, "pause"), {
    program: join(programs.folder, "pause"),
    reference: pauseImage,
  });
  const user = { user: `system:node:${nodeName}`, groups: ["system:nodes"] };
  const kubelet = await controlPlane.kubeconfigFor(user);
  writeConfiguration({
    folder,
    programs,
    network,
    certificateAuthorityFile,
    controlGroup: `/${controlGroup}`,
    serving: await controlPlane.issue({ name: nodeName, hosts: [network.nodeAddress] }),
    proxyKubeconfig: await controlPlane.kubeconfigFor({ user: "system:kube-proxy" }),
    kubeletSettings: options.kubeletSettings ?? {},
  });
  return kubelet;
}

function handles(
  node: ControlledProcess,
  place: { readonly folder: string; readonly programs: NodePrograms },
): Omit<ClusterNode, "address" | "scheduler" | "stop"> {
  const kubelet = (): number => {
    const found = findDescendant(node.pid() ?? 0, "kubelet");
    if (found === undefined) throw new Error("the node does not run");
    return found;
  };
  return {
    name: nodeName,
    enforcesNetworkPolicies: false,
    resolvesServiceNames: false,
    folder: place.folder,
    importImage: (reference) => importImage(reference, place),
    pause: () => hold(kubelet()),
    resume: () => letGo(kubelet()),
    kill: () => node.kill(),
    start: () => node.start(),
  };
}
