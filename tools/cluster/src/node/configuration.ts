import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Certificate } from "../certificates/authority.ts";
import type { ClusterNetwork } from "../network/cluster-network.ts";
import type { NodePrograms } from "../programs/node-programs.ts";

/** What the files of a node say. */
export interface NodeFacts {
  readonly folder: string;
  readonly programs: NodePrograms;
  readonly network: ClusterNetwork;
  readonly certificateAuthorityFile: string;
  readonly serving: Certificate;
  /** Below which the kubelet makes its control groups. */
  readonly controlGroup: string;
  readonly proxyKubeconfig: string;
  readonly kubeletSettings: object;
}

/** A cluster has one. */
export const nodeName = "node";

/** Kept without a registry: nobody could fetch it. */
export const pauseImage = "localhost/pause:1";

export const containerdSocket = (folder: string): string => join(folder, "containerd.sock");

/** Writes what containerd, the kubelet, kube-proxy and the network plugins read; JSON where that is YAML. */
export function writeConfiguration(facts: NodeFacts): void {
  const { folder } = facts;
  for (const name of ["var-lib", "cni"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "resolv.conf"), "");
  writeFileSync(join(folder, "containerd.toml"), containerd(facts));
  writeFileSync(join(folder, "cni/10-pods.conflist"), JSON.stringify(podNetwork(facts)));
  writeFileSync(join(folder, "kubelet.yaml"), JSON.stringify(kubelet(facts)));
  writeFileSync(join(folder, "kube-proxy.yaml"), JSON.stringify(proxy(facts)));
}

/** `restrict_oom_score_adj`: where this process may not lower its own, no container could start. */
function containerd({ folder, programs }: NodeFacts): string {
  const text = JSON.stringify;
  return `version = 3
disabled_plugins = ["io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri"]

[grpc]
  address = ${text(containerdSocket(folder))}

[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = ${text(pauseImage)}

[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true

  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"

    [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
      BinaryName = ${text(programs.runc)}
      SystemdCgroup = false

  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = [${text(programs.folder)}]
    conf_dir = ${text(join(folder, "cni"))}
`;
}

function podNetwork({ network }: NodeFacts): object {
  return {
    cniVersion: "1.0.0",
    name: "pods",
    plugins: [
      {
        type: "bridge",
        bridge: "pods0",
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          ranges: [[{ subnet: network.podRange, gateway: network.podGateway }]],
          routes: [{ dst: "0.0.0.0/0" }],
        },
      },
    ],
  };
}

function kubelet(facts: NodeFacts): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: facts.network.nodeAddress,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: facts.certificateAuthorityFile },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: facts.serving.certificateFile,
    tlsPrivateKeyFile: facts.serving.keyFile,
    containerRuntimeEndpoint: `unix://${containerdSocket(facts.folder)}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: facts.controlGroup,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    resolvConf: join(facts.folder, "resolv.conf"),
    // It is thrown away before it fills a disk, and shares that of the machine, whose state is none of its business.
    evictionHard: {
      "memory.available": "0%",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
      "imagefs.inodesFree": "0%",
    },
    imageGCHighThresholdPercent: 100,
    podLogsDir: "/var/lib/kubelet/pod-logs",
    // What a site keeps of a job's output by default; who asks is shown the newest file alone.
    containerLogMaxSize: "100Mi",
    containerLogMaxFiles: 2,
    ...facts.kubeletSettings,
  };
}

/** Every connection to a service comes from the node's address: answers then find back without a filter on bridges. */
function proxy({ proxyKubeconfig, network }: NodeFacts): object {
  return {
    apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
    kind: "KubeProxyConfiguration",
    mode: "iptables",
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig: proxyKubeconfig },
    clusterCIDR: network.podRange,
    iptables: { masqueradeAll: true },
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
  };
}
