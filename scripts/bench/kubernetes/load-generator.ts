import { containerLabels } from "@workstation/site";
import { admitterFor } from "./admit-one.ts";
import { slotsPerFlavor } from "./bench-site.ts";
import { connectAs, type LoadJob, listJobs, watchJobs } from "./connect.ts";

/**
 * A program: `load-generator.ts ACCOUNT INSTANCE` lets the jobs of an instance go in order, as many of a flavor at once as
 * it has slots. It knows nothing else of a queue: what one admission costs beside this is the scheduler's own.
 */
const [account = "", instance = ""] = process.argv.slice(2);
const connection = connectAs(account);
const admit = admitterFor(connection, account);
const { jobs, resourceVersion } = await listJobs(connection, instance);
const waiting = Map.groupBy(jobs.reverse(), flavorOf);
const ended = new Set<string>();

for (const line of waiting.values()) for (let slot = 0; slot < slotsPerFlavor; slot += 1) admitNext(line);
for await (const job of watchJobs(connection, instance, resourceVersion)) {
  if (job.status?.completionTime === undefined || ended.has(job.metadata.uid)) continue;
  ended.add(job.metadata.uid);
  admitNext(waiting.get(flavorOf(job)) ?? []);
  if (ended.size === jobs.length) break;
}
process.exit(0);

function flavorOf({ metadata }: LoadJob): string {
  return metadata.labels[containerLabels.flavor] ?? "";
}

function admitNext(line: LoadJob[]): void {
  const job = line.pop();
  if (job !== undefined) void admit(job);
}
