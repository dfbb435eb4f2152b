import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import {
  type GoModule,
  type GoPrograms,
  goProgramsFolder,
  isOnPath,
  obtainGoPrograms,
} from "@workstation/programs";
import { kubernetesModule } from "./versions.ts";

const stripped = { flags: ["-ldflags", "-s -w"], minutes: 1, pure: true } as const;

/** What a pod's namespaces are kept open by. */
const pause = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	<-ended
}
`;

const modules: readonly GoModule[] = [
  kubernetesModule(["kubelet", "kube-scheduler", "kube-proxy"], 3),
  {
    module: "github.com/containerd/containerd/v2",
    version: "v2.4.2",
    packages: ["/cmd/containerd", "/cmd/containerd-shim-runc-v2", "/cmd/ctr"],
    ...stripped,
  },
  {
    module: "github.com/containernetworking/plugins",
    version: "v1.9.1",
    packages: ["/plugins/main/bridge", "/plugins/main/loopback", "/plugins/ipam/host-local"],
    ...stripped,
  },
  { module: "pause", version: "v1", packages: [], source: pause, program: "pause", ...stripped },
];

const built: GoPrograms = { name: "kubernetes-node", modules, fault: missing };

/** What the machine has to bring: Docker Engine's packages do. */
const machinePrograms = ["runc", "iptables", "ip", "unshare", "setpriv", "bash"];

/** Gets what a node consists of, building it once: the folder with its programs. Throws `NODE_MISSING` and `COMMAND_FAILED`. */
export async function obtainNodePrograms(place: Parameters<typeof obtainGoPrograms>[1]): Promise<string> {
  const obstacle = machineObstacle();
  if (obstacle !== undefined) throw missing(obstacle);
  return obtainGoPrograms(built, place);
}

/** Why no node can be started now; undefined when it can. */
export function nodeObstacle(): string | undefined {
  const obstacle = machineObstacle();
  if (obstacle !== undefined) return obstacle;
  if (existsSync(join(goProgramsFolder(built), "kubelet"))) return undefined;
  return "the programs of a node are not here: npm test -- kubernetes gets them";
}

/** The folder with its programs. Throws `NODE_MISSING`. */
export function findNodePrograms(): string {
  const obstacle = nodeObstacle();
  if (obstacle !== undefined) throw missing(obstacle);
  return goProgramsFolder(built);
}

function machineObstacle(): string | undefined {
  if (process.platform !== "linux") return "a node runs on Linux alone";
  if (process.getuid?.() !== 0) return "a node makes namespaces and control groups, which needs root";
  const absent = machinePrograms.filter((name) => !isOnPath(name));
  return absent.length === 0 ? undefined : `${absent.join(", ")} not on PATH`;
}

function missing(reason: string): UserError {
  return new UserError("NODE_MISSING", `a Kubernetes node is needed: ${reason}`, {
    hint: "run as root, with Docker Engine's packages (runc, iptables) and Go installed",
    exitCode: exitCodes.unavailable,
  });
}
