import { copyFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startCluster } from "../cluster/cluster.ts";
import { type KeptCluster, stateFile } from "./kept-cluster.ts";

/** The process of a cluster that outlives whoever asked for it: keeps it until TERM. */
const [folder = ""] = process.argv.slice(2);
const file = stateFile(folder);
const cluster = await startCluster();
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.once(signal, () => void end());

const state: KeptCluster = {
  pid: process.pid,
  url: cluster.controlPlane.url,
  kubeconfig: join(folder, "kubeconfig"),
  certificateAuthority: cluster.controlPlane.certificateAuthority,
  administrator: await cluster.controlPlane.issue({ name: "administrator", groups: ["system:masters"] }),
  nodeFolder: cluster.node.folder,
  podRange: cluster.network.podRange,
  serviceRange: cluster.network.serviceRange,
};
copyFileSync(cluster.controlPlane.kubeconfig, state.kubeconfig);
writeFileSync(`${file}.new`, JSON.stringify(state));
renameSync(`${file}.new`, file);

async function end(): Promise<void> {
  await cluster.stop();
  rmSync(file, { force: true });
  rmSync(state.kubeconfig, { force: true });
  process.exit();
}
