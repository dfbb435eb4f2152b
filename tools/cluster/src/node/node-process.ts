import { join } from "node:path";
import { execa } from "execa";
import type { Ask } from "../control-plane/ask.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { type ClusterNetwork, deleteLink } from "../network/cluster-network.ts";
import { type ControlledProcess, controlledProcess } from "../processes/controlled-process.ts";
import { childrenOf } from "../processes/descendants.ts";
import type { NodePrograms } from "../programs/node-programs.ts";
import { nodeName } from "./configuration.ts";

export interface NodeOptions {
  /** The control plane listens on its address. */
  readonly network: ClusterNetwork;
  /** Added to the kubelet's configuration. */
  readonly kubeletSettings?: object;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What starts a node whose files are written. */
export interface NodeStart {
  readonly folder: string;
  readonly programs: NodePrograms;
  readonly kubeconfig: string;
  readonly controlPlane: ControlPlane;
  readonly options: NodeOptions;
  readonly askKubelet: Ask;
}

/** In namespaces for mounts, network and processes, whose end is the end of all that is in them. */
export function nodeProcess(start: NodeStart): ControlledProcess {
  const { network } = start.options;
  const namespaces = ["--mount", "--propagation=private", "--net", "--pid", "--fork", "--kill-child=KILL"];
  const address = `${network.nodeAddress}/${network.prefixLength}`;
  const script = join(import.meta.dirname, "start-node.sh");
  return controlledProcess({
    name: "node",
    folder: start.folder,
    argv: [
      "unshare",
      ...[...namespaces, "--mount-proc", "--"],
      ...[script, start.folder, start.programs.folder, address, network.address],
      ...kubeletFlags(start),
    ],
    started: (pid) => plugIn(pid, network),
    ready: () => isReady(start),
  });
}

function kubeletFlags({ folder, kubeconfig, options }: NodeStart): readonly string[] {
  const labels = Object.entries(options.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    `--config=${join(folder, "kubelet.yaml")}`,
    `--kubeconfig=${kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${options.network.nodeAddress}`,
    ...(labels.length === 0 ? [] : [`--node-labels=${labels.join(",")}`]),
  ];
}

/** A cable from the bridge into the namespace of the node's first process. */
async function plugIn(pid: number, { name, plug }: ClusterNetwork): Promise<void> {
  const inside = await firstChild(pid);
  await deleteLink(plug); // of the node before its restart
  const peer = ["peer", "name", "eth0", "netns", String(inside)];
  await execa("ip", ["link", "add", plug, "type", "veth", ...peer]);
  await execa("ip", ["link", "set", plug, "master", name, "up"]);
}

async function firstChild(pid: number): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const [child] = childrenOf(pid);
    if (child !== undefined) return child;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("the namespaces of the node could not be made");
}

/** The API server may still believe so of a node that was killed: its kubelet and kube-proxy have to answer, too. */
async function isReady({ askKubelet, controlPlane, options }: NodeStart): Promise<boolean> {
  if ((await askKubelet({ path: "/healthz" })).status !== 200) return false;
  const proxy = `http://${options.network.nodeAddress}:10256/healthz`;
  if (!(await fetch(proxy, { signal: AbortSignal.timeout(1000) })).ok) return false;
  const found = await controlPlane.ask({ path: `/api/v1/nodes/${nodeName}` });
  if (found.status !== 200) return false;
  const { conditions } = found.json().status as { readonly conditions: readonly Condition[] };
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}

interface Condition {
  readonly type: string;
  readonly status: string;
}
