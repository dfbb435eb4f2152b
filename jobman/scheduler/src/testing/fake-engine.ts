import { setTimeout as delay } from "node:timers/promises";
import { UserError } from "@workstation/cli";
import type { LogPiece } from "@workstation/jobman/protocol";
import type { Admission, AdmissionRequest, Engine, EngineEvent, EngineJob } from "../platforms/engine.ts";
import type { JobSpec } from "../queue/index.ts";

/** An engine that lives in memory, and the hands of a test on it. It keeps the promises of `Engine`. */
export interface FakeEngine extends Engine {
  readonly jobs: ReadonlyMap<string, EngineJob>;
  /** The jobs whose start it has promised. */
  readonly admitted: ReadonlySet<string>;
  /** What a job's owner gave for its environment, by id. */
  readonly environments: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Lets a running job end by itself. */
  finish(id: string, exitCode: number, parts?: Partial<EngineJob>): void;
  /** An admitted job begins to run, since `startedAt`; `untold`: the news of it are lost. */
  run(id: string, parts?: { readonly startedAt?: number; readonly untold?: boolean }): void;
  /** Says why a job that was let go does not run yet, and goes on trying. */
  struggle(id: string, startError: string): void;
  /** Takes a job's object away, as somebody outside would. */
  vanish(id: string): void;
  write(id: string, data: string): void;
  /** Sends the full picture again, as after a lost connection: one that was asked for at `asOf` and is without a job. */
  resend(parts?: { readonly without?: string; readonly asOf?: number }): void;
  /** Lets a job that ended run again, which an engine should never do. */
  revive(id: string): void;
  /** The next call of this kind throws. */
  failNext(call: "create" | "admit" | "end", error: Error): void;
  /** How a job takes TERM: 143 at once (the default), or not before KILL. */
  stubborn: boolean;
  /** Jobs that are admitted wait, as for their image, until `run`. */
  pulling: boolean;
  /** Why no job can be started, in the engine's words. */
  refuseStart: string | undefined;
}

export function createFakeEngine(now: () => number, held: readonly JobSpec[] = []): FakeEngine {
  const world: World = {
    now,
    jobs: new Map(held.map((spec) => [spec.id, { spec, phase: "held" }])),
    admitted: new Set(),
    environments: new Map(),
    lines: new Map(),
    followers: new Set(),
    faults: new Map(),
  };
  const manners: Manners = { stubborn: false, pulling: false, refuseStart: undefined };
  return Object.assign(manners, promisedParts(world, manners), handsOn(world));
}

/** How the engine behaves; a test may change it at any time. */
interface Manners {
  stubborn: boolean;
  pulling: boolean;
  refuseStart: string | undefined;
}

function promisedParts(world: World, manners: Manners): Engine {
  return {
    keepsRecords: false,
    watch: (signal) => watchWorld(world, signal),
    create: async ({ spec, environment }) => {
      throwFault(world, "create");
      world.environments.set(spec.id, environment);
      if (!world.jobs.has(spec.id)) see(world, { spec, phase: "held" });
      return spec;
    },
    admit: async (requests) => {
      throwFault(world, "admit");
      return new Map(requests.map((request) => [request.spec.id, start(world, request, manners)]));
    },
    end: async (id, options) => {
      throwFault(world, "end");
      if (manners.stubborn) await delay(options.graceSeconds * 1000);
      end(world, id, { keep: options.keep, exitCode: manners.stubborn ? 137 : 143 });
    },
    log: (id, options) => readLines(world, id, options),
  };
}

function handsOn(world: World): Omit<FakeEngine, keyof Engine | keyof Manners> {
  return {
    jobs: world.jobs,
    admitted: world.admitted,
    environments: world.environments,
    finish: (id, exitCode, parts) => finish(world, id, { exitCode, ...parts }),
    run: (id, parts = {}) => run(world, id, parts),
    struggle: (id, startError) => {
      const job = world.jobs.get(id);
      if (job !== undefined) see(world, { spec: job.spec, phase: "starting", startError });
    },
    vanish: (id) => remove(world, id),
    write: (id, data) => write(world, id, data),
    resend: ({ without, asOf = world.now() } = {}) => {
      const jobs = [...world.jobs.values()].filter((job) => job.spec.id !== without);
      tell(world, { kind: "snapshot", asOf, jobs });
    },
    revive: (id) => run(world, id, {}),
    failNext: (call, error) => void world.faults.set(call, error),
  };
}

interface World {
  readonly now: () => number;
  readonly jobs: Map<string, EngineJob>;
  readonly admitted: Set<string>;
  readonly environments: Map<string, Readonly<Record<string, string>>>;
  readonly lines: Map<string, LogPiece[]>;
  readonly followers: Set<(event: EngineEvent) => void>;
  readonly faults: Map<string, Error>;
}

async function* watchWorld(world: World, signal: AbortSignal): AsyncIterable<EngineEvent> {
  const events: EngineEvent[] = [{ kind: "snapshot", asOf: world.now(), jobs: [...world.jobs.values()] }];
  let wake = (): void => undefined;
  const follower = (event: EngineEvent): void => {
    events.push(event);
    wake();
  };
  world.followers.add(follower);
  signal.addEventListener("abort", () => wake(), { once: true });
  while (!signal.aborted) {
    const event = events.shift();
    if (event !== undefined) yield event;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  world.followers.delete(follower);
}

function tell(world: World, event: EngineEvent): void {
  for (const follower of world.followers) follower(event);
}

function see(world: World, job: EngineJob): void {
  world.jobs.set(job.spec.id, job);
  tell(world, { kind: "changed", job });
}

function throwFault(world: World, call: string): void {
  const fault = world.faults.get(call);
  world.faults.delete(call);
  if (fault !== undefined) throw fault;
}

function start(world: World, { spec }: AdmissionRequest, manners: Manners): Admission {
  const job = world.jobs.get(spec.id);
  if (job === undefined) return { outcome: "gone" };
  if (job.phase !== "held") return { outcome: "conflict" };
  if (manners.refuseStart !== undefined) return { outcome: "failed", message: manners.refuseStart };
  world.admitted.add(spec.id);
  if (!manners.pulling) run(world, spec.id, {});
  return { outcome: "admitted" };
}

function run(world: World, id: string, parts: { startedAt?: number; untold?: boolean }): void {
  const job = world.jobs.get(id);
  if (job === undefined) return;
  if (!world.lines.has(id)) world.lines.set(id, []);
  const running = { spec: job.spec, phase: "running", startedAt: parts.startedAt ?? world.now() } as const;
  if (parts.untold) world.jobs.set(id, running);
  else see(world, running);
}

function end(
  world: World,
  id: string,
  { keep, exitCode }: { readonly keep: boolean | "log"; readonly exitCode: number },
): void {
  const job = world.jobs.get(id);
  if (job?.phase === "running") finish(world, id, { exitCode });
  if (job?.phase === "held" || keep !== true) remove(world, id);
  if (keep === false) world.lines.delete(id);
}

function finish(world: World, id: string, parts: Partial<EngineJob>): void {
  const job = world.jobs.get(id);
  const faults = { outOfMemory: false, nodeLost: false };
  if (job !== undefined) see(world, { ...job, phase: "ended", endedAt: world.now(), ...faults, ...parts });
}

function remove(world: World, id: string): void {
  if (world.jobs.delete(id)) tell(world, { kind: "removed", id });
}

function write(world: World, id: string, data: string): void {
  const lines = world.lines.get(id) ?? [];
  const time = new Date(world.now()).toISOString();
  world.lines.set(id, [...lines, { time, stream: "stdout", data, cursor: String(lines.length) }]);
}

async function* readLines(
  world: World,
  id: string,
  options: { readonly after?: string; readonly follow: boolean; readonly signal: AbortSignal },
): AsyncIterable<LogPiece> {
  let next = placeBehind(options.after);
  if (!world.jobs.has(id) && !world.lines.has(id)) throw new UserError("LOG_GONE", "the output is gone");
  while (!options.signal.aborted) {
    const line = world.lines.get(id)?.[next];
    if (line !== undefined) {
      next += 1;
      yield line;
    } else if (options.follow && mayWrite(world.jobs.get(id))) await delay(5);
    else return;
  }
}

function placeBehind(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d+$/.test(cursor)) throw new UserError("CURSOR_INVALID", "no place in a log");
  return Number(cursor) + 1;
}

function mayWrite(job: EngineJob | undefined): boolean {
  return job !== undefined && job.phase !== "ended";
}
