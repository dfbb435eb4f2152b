import { rmSync } from "node:fs";
import { exitCodes, type Reporter } from "@workstation/cli";
import { removeKeptCluster } from "@workstation/cluster";
import { type ClusterPlaces, isOurs } from "./cluster-run.ts";

/** Ends the cluster and removes what it left, the user's home too; safe to repeat. */
export async function removeAll(places: ClusterPlaces, reporter: Reporter): Promise<number> {
  const removed = await reporter.step("Remove the cluster", () => removeKeptCluster(places.cluster));
  if (isOurs(places)) rmSync(places.folder, { recursive: true });
  reporter.info(removed ? "it is gone" : "no cluster runs here");
  return exitCodes.ok;
}
