import { clusterSite } from "../../testing/cluster-site.ts";
import { connectWith } from "../api/connection.ts";
import { createJobTracker } from "../tracker/job-tracker.ts";
import { type Script, scriptApiServer } from "./scripted-api-server.ts";

/** A tracker of Jobs and pods that has read its first lists from a script; what it and others meet is in `faults`. */
export async function trackScript(script: Script) {
  const server = await scriptApiServer(script);
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  const site = clusterSite();
  const faults: unknown[] = [];
  const report = (fault: unknown): number => faults.push(fault);
  const tracker = createJobTracker({ connection, instance: "main", site, onFault: report });
  const stopped = new AbortController();
  const following = tracker.run(stopped.signal);
  await tracker.synced;
  return {
    ...{ server, connection, site, faults, report, tracker },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      stopped.abort();
      await following;
      await connection.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
