import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import {
  type BuildPlace,
  type GoPrograms,
  goProgramsFolder,
  isOnPath,
  obtainGoPrograms,
} from "@workstation/programs";
import { type DownloadSource, downloadControlPlane, downloadFolder, usualSource } from "./download.ts";
import { etcdModule, kubernetesModule, kubernetesVersion } from "./versions.ts";

const names = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;

/** The programs of a control plane, as files. */
export type ControlPlanePrograms = Readonly<Record<(typeof names)[number], string>>;

/** Built from their sources where nobody has them for us. */
const built: GoPrograms = {
  name: "kubernetes",
  modules: [etcdModule, kubernetesModule(["kube-apiserver", "kube-controller-manager"], 7)],
  fault: missing,
};

/**
 * Gets what a control plane consists of, each program from where it is first found: `$KUBEBUILDER_ASSETS` (the convention of
 * envtest), this account's cache, a download, a build from sources. Throws `KUBERNETES_MISSING` and `COMMAND_FAILED`.
 */
export async function obtainControlPlanePrograms(
  place: BuildPlace,
  source: DownloadSource = usualSource,
): Promise<ControlPlanePrograms> {
  if (controlPlaneObstacle() === undefined) return findControlPlanePrograms();
  if (!isOnPath("openssl")) throw missing("openssl, which signs its certificates, is not on PATH");
  await downloadControlPlane(place.reporter, source);
  if (firstMissing() !== undefined) await obtainGoPrograms(built, place);
  return findControlPlanePrograms();
}

/** Why no control plane can be started now; undefined when it can. */
export function controlPlaneObstacle(): string | undefined {
  if (!isOnPath("openssl")) return "openssl is not on PATH";
  const name = firstMissing();
  return name === undefined ? undefined : `${name} is not here: npm test -- kubernetes gets it`;
}

/** Those that are there. Throws `KUBERNETES_MISSING`. */
export function findControlPlanePrograms(): ControlPlanePrograms {
  const obstacle = controlPlaneObstacle();
  if (obstacle !== undefined) throw missing(obstacle);
  return Object.fromEntries(names.map((name) => [name, find(name)])) as ControlPlanePrograms;
}

function firstMissing(): string | undefined {
  return names.find((name) => find(name) === undefined);
}

function find(name: string): string | undefined {
  const assets = process.env.KUBEBUILDER_ASSETS;
  const folders = [...(assets ? [assets] : []), downloadFolder(), goProgramsFolder(built)];
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function missing(reason: string): UserError {
  return new UserError("KUBERNETES_MISSING", `a Kubernetes control plane is needed: ${reason}`, {
    hint: [
      `install Go, which builds Kubernetes ${kubernetesVersion} once (about 8 min)`,
      `  or name a folder with ${names.join(", ")} with KUBEBUILDER_ASSETS`,
    ].join("\n"),
    exitCode: exitCodes.unavailable,
  });
}
