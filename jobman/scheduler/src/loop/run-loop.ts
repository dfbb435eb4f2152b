import { setTimeout as delay } from "node:timers/promises";
import type { Core } from "../core/core.ts";
import { observe, recover, runCycle, sweep } from "./loop.ts";
import { watchScratch } from "./scratch-watch.ts";

/** The heart: follows the engine, looks at the queue after each change and at each deadline. */
export interface JobLoop {
  /** Asks for a look at the queue. */
  wake(): void;
  /**
   * Follows the engine until `signal`; `onRecovered` hears what became of the first picture: from then on the queue
   * moves. One that cannot be taken up ends the run: what comes later must not meet records that remember nothing.
   */
  run(core: Core, options: LoopOptions): Promise<void>;
}

interface LoopOptions {
  readonly signal: AbortSignal;
  readonly onRecovered: (failure?: { readonly error: unknown }) => void;
}

const sweepEveryMs = 60_000;
/** setTimeout's largest delay. */
const longestTimerMs = 2_147_483_647;

export function createJobLoop(): JobLoop {
  const state: LoopState = { core: undefined, isDue: false, restsUntil: 0, timer: undefined };
  const wake = (): void => {
    if (state.isDue) return;
    state.isDue = true;
    const rest = state.restsUntil - performance.now();
    if (rest < 1) setImmediate(() => cycle(state, wake));
    else setTimeout(() => cycle(state, wake), rest);
  };
  return {
    wake,
    run: async (core, options) => {
      const sweeper = setInterval(() => void core.background.run("journal", () => sweep(core)), sweepEveryMs);
      const endScratchWatch = watchScratch(core);
      try {
        await followEngine(core, state, options);
      } finally {
        state.core = undefined;
        clearInterval(sweeper);
        endScratchWatch();
        clearTimeout(state.timer);
      }
    },
  };
}

interface LoopState {
  /** Undefined until the engine's first picture was taken up: before that nothing may be decided. */
  core: Core | undefined;
  isDue: boolean;
  /** By the monotonic clock (milliseconds). */
  restsUntil: number;
  timer: NodeJS.Timeout | undefined;
}

function cycle(state: LoopState, wake: () => void): void {
  state.isDue = false;
  if (state.core === undefined) return;
  const began = performance.now();
  const next = lookAtQueue(state.core);
  // A look at a long queue takes milliseconds: half of the time is left to what it sets to work, and to what comes meanwhile.
  state.restsUntil = 2 * performance.now() - began;
  clearTimeout(state.timer);
  state.timer = next === undefined ? undefined : setTimeout(wake, untilThen(next, state.core.now()));
}

async function followEngine(core: Core, state: LoopState, options: LoopOptions): Promise<void> {
  const { signal } = options;
  while (!signal.aborted) {
    try {
      for await (const event of core.engine.watch(signal)) {
        if (state.core !== undefined) observe(core, event);
        else if (event.kind === "snapshot") {
          if (!(await recoverOrTell(core, event.jobs, options))) return;
          state.core = core;
        }
        core.wake();
      }
    } catch (error) {
      if (!signal.aborted) core.faults.note("engine", error);
    }
    if (!signal.aborted) await delay(1000, undefined, { signal }).catch(() => undefined);
  }
}

async function recoverOrTell(
  core: Core,
  jobs: Parameters<typeof recover>[1],
  { onRecovered }: LoopOptions,
): Promise<boolean> {
  try {
    await recover(core, jobs);
  } catch (error) {
    onRecovered({ error });
    return false;
  }
  onRecovered();
  return true;
}

/** After a fault nothing else may come that asks for a look. */
const afterFaultMs = 1000;

function lookAtQueue(core: Core): number | undefined {
  try {
    return runCycle(core);
  } catch (error) {
    core.faults.note("queue", error);
    return core.now() + afterFaultMs;
  }
}

function untilThen(at: number, now: number): number {
  return Math.min(longestTimerMs, Math.max(0, at - now));
}
