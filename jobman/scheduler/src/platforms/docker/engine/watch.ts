import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { daemonSocket, daemonTime, subscribeToContainers } from "@workstation/docker";
import type { EngineEvent } from "../../engine.ts";
import { daemonStartTime } from "../containers/daemon-start.ts";
import { instanceLabel } from "../containers/job-objects.ts";
import type { EngineContext } from "../context.ts";
import { keepFirewall } from "../network/keep-firewall.ts";
import { stopCaptures } from "../output/capture.ts";
import { createJobTracker, type JobTracker } from "./job-tracker.ts";
import { sweep } from "./sweep.ts";

/** A snapshot, then what changes; after a lost connection it tries again, ever slower, and begins with a snapshot. */
export async function* watchJobs(context: EngineContext, signal: AbortSignal): AsyncIterable<EngineEvent> {
  context.watches.add(signal);
  try {
    yield* watchAgain(context, signal);
  } finally {
    context.watches.delete(signal);
    if (context.watches.size === 0) await stopCaptures(context);
  }
}

async function* watchAgain(context: EngineContext, signal: AbortSignal): AsyncIterable<EngineEvent> {
  let brokeAt: number | undefined;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const event of watchOnce(context, brokeAt, signal)) {
        failures = 0;
        yield event;
      }
    } catch (fault) {
      if (signal.aborted) return;
      brokeAt = failures === 0 ? context.now() : brokeAt;
      context.report(fault);
    }
    await pause(Math.min(100 * 2 ** failures, slowestRetry), undefined, { signal }).catch(() => undefined);
  }
}

const slowestRetry = 2_000;

/** Subscribing comes before listing, so that nothing can happen unseen between the two. */
async function* watchOnce(
  context: EngineContext,
  brokeAt: number | undefined,
  signal: AbortSignal,
): AsyncIterable<EngineEvent> {
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const out = new PassThrough({ objectMode: true });
  try {
    const since = (await daemonTime(context.docker)) - 1;
    const filter = { label: instanceLabel(context.instance), sinceSeconds: since };
    const events = await subscribeToContainers(context.docker, filter, both);
    const until = await daemonStartTime(daemonSocket(context.docker));
    const view = createJobTracker(context, { from: brokeAt, until }, (event) => void out.write(event));
    // Before anything is admitted: what runs already may have lost its rules while no scheduler looked.
    await keepFirewall(context);
    const asOf = context.now();
    yield { kind: "snapshot", asOf, jobs: await view.load() };
    const fail = (fault: unknown): void => void out.destroy(fault as Error);
    followEvents(view, events, fail);
    checkNowAndThen(context, view, { signal: both, fail });
    both.addEventListener("abort", () => out.end(), { once: true });
    hearInitFailures(context, both, (id) => view.lookAgain(id, fail));
    yield* out as AsyncIterable<EngineEvent>;
  } finally {
    stop.abort();
    out.destroy();
  }
}

function hearInitFailures(context: EngineContext, signal: AbortSignal, look: (id: string) => void): void {
  context.initFailed.add(look);
  signal.addEventListener("abort", () => context.initFailed.delete(look), { once: true });
}

async function followEvents(
  view: JobTracker,
  events: Awaited<ReturnType<typeof subscribeToContainers>>,
  fail: (fault: unknown) => void,
): Promise<void> {
  try {
    for await (const event of events) view.heard(event, fail);
  } catch (fault) {
    fail(fault);
  }
}

async function checkNowAndThen(
  context: EngineContext,
  view: JobTracker,
  options: { readonly signal: AbortSignal; readonly fail: (fault: unknown) => void },
): Promise<void> {
  try {
    while (!options.signal.aborted) {
      await keepFirewall(context);
      await sweep(context);
      await pause(context.checkSeconds * 1000, undefined, { signal: options.signal, ref: false });
      await view.check(options.fail);
    }
  } catch (fault) {
    if (!options.signal.aborted) options.fail(fault);
  }
}
