import { setTimeout as delay } from "node:timers/promises";
import type { Ask } from "./scheduler-fixture.ts";

/** Someone who submits, deletes and forgets jobs without a pause, whatever happens to the scheduler. */
export interface CrashUser {
  readonly name: string;
  /** Names of jobs that the scheduler took; they must never be lost. */
  readonly accepted: ReadonlySet<string>;
  /** Names of jobs whose record it removed when asked to. */
  readonly forgotten: ReadonlySet<string>;
  /** Submits whose answer was lost: the job may be there or not. */
  readonly doubtful: ReadonlySet<string>;
  readonly refusals: readonly string[];
  /** Ends with deleting what is still active. */
  stop(): Promise<void>;
}

interface State {
  readonly name: string;
  readonly as: Ask;
  readonly random: () => number;
  readonly accepted: Set<string>;
  readonly forgotten: Set<string>;
  readonly doubtful: Set<string>;
  readonly refusals: string[];
  count: number;
  stopped: boolean;
}

export function startCrashUser(options: {
  readonly name: string;
  readonly as: Ask;
  readonly random: () => number;
}): CrashUser {
  const state: State = {
    ...options,
    accepted: new Set(),
    forgotten: new Set(),
    doubtful: new Set(),
    refusals: [],
    count: 0,
    stopped: false,
  };
  const life = live(state);
  return {
    ...state,
    stop: async () => {
      state.stopped = true;
      await life;
      const { body } = await state.as("GET", "/v1/jobs?state=active");
      for (const job of body.jobs) await end(state, job.name);
    },
  };
}

async function live(state: State): Promise<void> {
  while (!state.stopped) {
    try {
      await act(state);
    } catch {
      // The scheduler was killed under the request.
    }
    await delay(20 + state.random() * 150);
  }
}

async function act(state: State): Promise<void> {
  const { body } = await state.as("GET", "/v1/jobs");
  const jobs: readonly { name: string; state: string }[] = body.jobs;
  const active = jobs.find((job) => ["queued", "starting", "running"].includes(job.state));
  if (active !== undefined) {
    if (state.random() < 0.1) await end(state, active.name);
  } else if (jobs.length > 3) await forget(state, jobs[0]?.name ?? "");
  else await submit(state);
}

async function end(state: State, name: string): Promise<void> {
  let ended: string | undefined;
  try {
    ended = (await state.as("DELETE", `/v1/jobs/${name}`)).body.state;
  } finally {
    // It may have ended by itself just before: then its record was removed.
    if (ended !== "deleted") state.forgotten.add(name);
  }
}

async function submit(state: State): Promise<void> {
  state.count += 1;
  const name = `${state.name}-${state.count}`;
  // Some end only when they are deleted.
  const seconds = state.random() < 0.2 ? "60" : (state.random() * 0.8).toFixed(2);
  const code = state.random() < 0.3 ? 3 : 0;
  // The others ignore it: as the first process of a container, a shell without a trap is deaf to TERM.
  const trap = state.random() < 0.5 ? "trap 'exit 143' TERM; " : "";
  const line = `${trap}echo ${name} >> /home/chaimeleon/persistent-home/runs; sleep ${seconds} & wait $!; exit ${code}`;
  const flavor = state.random() < 0.5 ? "no-gpu" : "narrow";
  state.doubtful.add(name);
  const answer = await state.as("POST", "/v1/jobs", { name, flavor, arguments: ["sh", "-c", line] });
  if (answer.status === 201) state.accepted.add(name);
  else state.refusals.push(`${name}: ${answer.text}`);
  state.doubtful.delete(name);
}

async function forget(state: State, name: string): Promise<void> {
  // From here on it may be gone, whether the answer comes or not.
  state.forgotten.add(name);
  await state.as("DELETE", `/v1/jobs/${name}`);
}
