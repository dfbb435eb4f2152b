import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import {
  type BuildPlace,
  type GoModule,
  type GoPrograms,
  goProgramsFolder,
  isOnPath,
  obtainGoPrograms,
  prepareRuncBuild,
  runcModule,
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

/** Where it can be built; else the machine's is used. */
const currentRunc: GoPrograms = {
  name: "runc",
  modules: [runcModule],
  prepare: (place) => prepareRuncBuild(place, missing),
  fault: missing,
};

/** What the machine has to bring: Docker Engine's packages do. */
const machinePrograms = ["iptables", "ip", "unshare", "setpriv", "bash"];

/** Gets what a node consists of, building it once. Throws `NODE_MISSING` and `COMMAND_FAILED`. */
export async function obtainNodePrograms(place: BuildPlace): Promise<void> {
  const obstacle = machineObstacle();
  if (obstacle !== undefined) throw missing(obstacle);
  await obtainGoPrograms(built, place);
  try {
    await obtainGoPrograms(currentRunc, place);
  } catch (error) {
    if (!(error instanceof UserError) || runc() === undefined) throw error;
    place.reporter.info(`the node uses the machine's runc: ${error.message.split("\n")[0]}`);
  }
}

/** Why no node can be started now; undefined when it can. */
export function nodeObstacle(): string | undefined {
  const obstacle = machineObstacle();
  if (obstacle !== undefined) return obstacle;
  const isThere = existsSync(goProgramsFolder(built)) && runc() !== undefined;
  return isThere ? undefined : "the programs of a node are not here: npm test -- kubernetes gets them";
}

/** The programs of a node. */
export interface NodePrograms {
  /** Where all are but runc. */
  readonly folder: string;
  readonly runc: string;
}

/** Those that are there. Throws `NODE_MISSING`. */
export function findNodePrograms(): NodePrograms {
  const [obstacle, found] = [nodeObstacle(), runc()];
  if (obstacle !== undefined || found === undefined) throw missing(obstacle ?? "runc is not on PATH");
  return { folder: goProgramsFolder(built), runc: found };
}

function runc(): string | undefined {
  const current = join(goProgramsFolder(currentRunc), "runc");
  if (existsSync(current)) return current;
  return isOnPath("runc") ? "runc" : undefined;
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
