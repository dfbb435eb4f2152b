import { setTimeout as pause } from "node:timers/promises";
import { type AuditLine, auditEnd, readAudit } from "./audit.ts";
import { requestsOf } from "./figures.ts";
import { fill } from "./fill.ts";
import { startSchedulerInPod } from "./scheduler-in-pod.ts";
import { startWorld, type World } from "./world.ts";

/** A scheduler that was started with so many jobs waiting, and none of them ends. */
export interface Start {
  readonly jobs: number;
  readonly residentBytes: number;
  /** From its process's start, and from the answer that gave it the lease, to its first admission; none where no job waits. */
  readonly fromStartMs: number | undefined;
  readonly fromLeaseMs: number | undefined;
  /** What it wrote and read in a while in which nothing happened, and how long that was. */
  readonly idleRequests: ReadonlyMap<string, number>;
  readonly idleSeconds: number;
}

const account = "scheduler";
const settleMs = 15_000;
const idleMs = 20_000;

/** Starts schedulers with ever more jobs waiting, on a control plane of their own. */
export async function* measureStarts(sizes: readonly number[]): AsyncIterable<Start> {
  const world = await startWorld();
  try {
    const file = await world.account(account);
    for (const [round, jobs] of sizes.entries()) {
      const instance = `start-${round}`;
      await fill(world, file, { instance, jobs });
      yield await measureStart(world, file, { instance, jobs });
    }
  } finally {
    await world.stop();
  }
}

async function measureStart(
  world: World,
  accountFile: string,
  { instance, jobs }: { readonly instance: string; readonly jobs: number },
): Promise<Start> {
  const since = auditEnd(world);
  const scheduler = await startSchedulerInPod(world, accountFile, instance);
  try {
    await pause(settleMs);
    const idleFrom = auditEnd(world);
    await pause(idleMs);
    const { residentBytes } = scheduler.usage();
    const audit = await readAudit(world, since);
    return {
      ...{ jobs, residentBytes, idleSeconds: idleMs / 1000 },
      ...firstAdmission(audit, scheduler.startedAt),
      idleRequests: requestsOf(await readAudit(world, idleFrom), account),
    };
  } finally {
    await scheduler.stop();
  }
}

function firstAdmission(
  audit: readonly AuditLine[],
  startedAt: number,
): Pick<Start, "fromStartMs" | "fromLeaseMs"> {
  const ours = audit.filter(({ who, status }) => who === account && status < 300);
  const admission = ours.find(({ verb, resource }) => verb === "patch" && resource === "jobs");
  const lease = ours.find(({ verb, resource }) => resource === "leases" && verb !== "get");
  if (admission === undefined || lease === undefined)
    return { fromStartMs: undefined, fromLeaseMs: undefined };
  return {
    fromStartMs: admission.receivedAt - startedAt,
    fromLeaseMs: admission.receivedAt - lease.answeredAt,
  };
}
