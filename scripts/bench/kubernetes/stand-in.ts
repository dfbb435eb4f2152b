import { setTimeout as pause } from "node:timers/promises";
import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { connectAs, insist, type LoadJob, listJobs, watchJobs } from "./connect.ts";

/**
 * A program: `stand-in.ts ACCOUNT INSTANCE` stands for controllers and nodes: it writes on each Job that was let go, a
 * second later, that it is complete. Says "ready" when it watches.
 */
const [account = "", instance = ""] = process.argv.slice(2);
const lastMs = 1000;
const connection = connectAs(account);
const { resourceVersion } = await listJobs(connection, instance);
const taken = new Set<string>();
process.stdout.write("ready\n");
for await (const job of watchJobs(connection, instance, resourceVersion)) {
  if (job.spec.suspend !== false || taken.has(job.metadata.uid)) continue;
  taken.add(job.metadata.uid);
  void finish(job, new Date());
}

async function finish({ metadata }: LoadJob, startTime: Date): Promise<void> {
  await pause(lastMs);
  const completionTime = new Date();
  const times = { lastProbeTime: completionTime, lastTransitionTime: completionTime };
  const status = {
    startTime,
    completionTime,
    succeeded: 1,
    conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, status: "True", ...times })),
  };
  const path = `${paths.job(metadata.namespace, metadata.name)}/status`;
  await insist(() => connection.ask("PATCH", path, { body: { status }, patch: "merge" }));
}
