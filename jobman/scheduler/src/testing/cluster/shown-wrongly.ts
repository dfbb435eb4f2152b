import { setTimeout as pause } from "node:timers/promises";
import type { History } from "../../platforms/kubernetes/testing/history.ts";
import { statesAtEnd } from "../../platforms/kubernetes/testing/moments.ts";
import { askReplica, type Replica } from "./replica.ts";

const patienceMs = 15_000;
/** Who asks all the time is refused. */
const lookEveryMs = 500;

/**
 * Jobs that a replica shows otherwise than their objects are, in words. It may still be waiting for its next try: it is given
 * a while.
 */
export async function shownWrongly(
  history: History,
  by: Pick<Replica, "address">,
): Promise<readonly string[]> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const wrong = await lookOnce(history, by);
    if (wrong.length === 0 || Date.now() > end) return wrong;
    await pause(lookEveryMs);
  }
}

async function lookOnce(history: History, by: Pick<Replica, "address">): Promise<readonly string[]> {
  await history.caughtUp();
  const jobs = statesAtEnd(history);
  const wrong: string[] = [];
  for (const owner of new Set(jobs.map((job) => job.owner))) {
    const { status, body } = await askReplica(by, owner, { path: "/v1/jobs" });
    if (status !== 200) wrong.push(`${owner}'s jobs are not shown: ${status} ${body?.code}`);
    const shown = new Map<string, string>(
      (body?.jobs ?? []).map((job: { name: string; state: string }) => [job.name, job.state]),
    );
    for (const { name, states } of jobs.filter((job) => job.owner === owner)) {
      const state = shown.get(name) ?? "unknown";
      if (!states.includes(state)) wrong.push(`${name} is shown as ${state}, and is ${states.join(" or ")}`);
    }
  }
  return wrong;
}
