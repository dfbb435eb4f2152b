import { setTimeout as delay } from "node:timers/promises";
import type { Core } from "../core/core.ts";
import type { EngineEvent } from "../platforms/engine.ts";
import { inBackground, saveEnds } from "../records/change.ts";
import { removeAllFinished } from "../records/finish.ts";
import { sweepEnded } from "../records/retention.ts";
import { runCycle } from "./cycle.ts";
import { observe } from "./observe.ts";
import { watchScratch } from "./scratch-watch.ts";

/** The heart: follows the engine, looks at the queue after each change and at each deadline. */
export interface JobLoop {
  /** Asks for a look at the queue. */
  wake(): void;
  /** Follows the engine until `signal`; `onSnapshot` takes the first picture, later ones are observed. */
  run(
    core: Core,
    options: { readonly signal: AbortSignal; readonly onSnapshot: SnapshotTaker },
  ): Promise<void>;
}

/** Takes the first full picture after the start of the scheduler. */
export type SnapshotTaker = (event: Extract<EngineEvent, { kind: "snapshot" }>) => Promise<void>;

const sweepEveryMs = 60_000;
/** setTimeout's largest delay. */
const longestTimerMs = 2_147_483_647;

export function createJobLoop(): JobLoop {
  const state: LoopState = { core: undefined, due: undefined, timer: undefined };
  const wake = (): void => {
    state.due ??= setImmediate(() => cycle(state, wake));
  };
  return {
    wake,
    run: async (core, options) => {
      const sweeper = setInterval(() => sweep(core), sweepEveryMs);
      const endScratchWatch = watchScratch(core);
      try {
        await followEngine(core, {
          ...options,
          onReady: () => {
            state.core = core;
          },
        });
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
  due: NodeJS.Immediate | undefined;
  timer: NodeJS.Timeout | undefined;
}

function cycle(state: LoopState, wake: () => void): void {
  state.due = undefined;
  if (state.core === undefined) return;
  const next = lookAtQueue(state.core);
  clearTimeout(state.timer);
  state.timer = next === undefined ? undefined : setTimeout(wake, untilThen(next, state.core.now()));
}

async function followEngine(
  core: Core,
  options: {
    readonly signal: AbortSignal;
    readonly onSnapshot: SnapshotTaker;
    readonly onReady: () => void;
  },
): Promise<void> {
  let first = true;
  while (!options.signal.aborted) {
    try {
      for await (const event of core.engine.watch(options.signal)) {
        if (first && event.kind === "snapshot") {
          first = false;
          await options.onSnapshot(event);
          options.onReady();
        } else if (!first) observe(core, event);
        core.wake();
      }
    } catch (error) {
      if (!options.signal.aborted) core.faults.note("engine", error);
    }
    if (!options.signal.aborted)
      await delay(1000, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

function lookAtQueue(core: Core): number | undefined {
  try {
    return runCycle(core);
  } catch (error) {
    core.faults.note("queue", error);
    return undefined;
  }
}

function sweep(core: Core): void {
  inBackground(core, "journal", async () => {
    await saveEnds(core);
    await removeAllFinished(core);
    await sweepEnded(core);
  });
}

function untilThen(at: number, now: number): number {
  return Math.min(longestTimerMs, Math.max(0, at - now));
}
