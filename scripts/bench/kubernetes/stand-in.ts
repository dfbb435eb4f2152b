import { setTimeout as pause } from "node:timers/promises";
import { oneAtATime } from "../../../jobman/scheduler/src/mutex/one-at-a-time.ts";
import { paths } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import { connectAs, insist, type LoadJob, listJobs, watchJobs } from "./connect.ts";

/**
 * A program: `stand-in.ts ACCOUNT INSTANCE SECONDS` stands for controllers and nodes: it writes on each Job that was let
 * go, so many seconds later or half as much earlier or later, that it is complete. Says "ready" when it watches. Few ends are written at once, so that they wait here and
 * not in the API server, where what follows from an end would wait behind them.
 */
const [account = "", instance = "", seconds = ""] = process.argv.slice(2);
const inTurn = Array.from({ length: 4 }, oneAtATime);
let ended = 0;
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
  await pause(Number(seconds) * 1000 * (0.5 + Math.random()));
  ended += 1;
  await inTurn[ended % inTurn.length]?.(() => writeEnd(metadata, startTime));
}

async function writeEnd({ namespace, name }: LoadJob["metadata"], startTime: Date): Promise<void> {
  const completionTime = new Date();
  const times = { lastProbeTime: completionTime, lastTransitionTime: completionTime };
  const status = {
    startTime,
    completionTime,
    succeeded: 1,
    conditions: ["SuccessCriteriaMet", "Complete"].map((type) => ({ type, status: "True", ...times })),
  };
  const path = `${paths.job(namespace, name)}/status`;
  await insist(() => connection.ask("PATCH", path, { body: { status }, patch: "merge" }));
}
