import { setImmediate as settled } from "node:timers/promises";
import { submitRequestSchema } from "@workstation/jobman/protocol";
import { parseSite, type Site } from "@workstation/site";
import type { Core } from "../core/core.ts";
import { createInFlight } from "../core/in-flight.ts";
import { createBackground } from "../diagnostics/background.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { createProblemBoard } from "../diagnostics/problems.ts";
import { deleteJob } from "../jobs/delete.ts";
import { recover, sweep as sweepOnce } from "../loop/loop.ts";
import type { OfferedFlavor } from "../platforms/capacity.ts";
import { catalogueOf } from "../platforms/catalogue-of.ts";
import { flavorsOn } from "../platforms/docker/machine/flavors.ts";
import type { StopAuthor } from "../queue/index.ts";
import { createEngine } from "../queue/testing/faulty-engine.ts";
import type { JournalEntry } from "../records/entry.ts";
import type { Journal } from "../records/journal.ts";
import { createMemory, remember } from "../records/memory.ts";
import { createRecords } from "../records/records.ts";
import { createSubmitter, type Submitter } from "../submit/submit.ts";
import { deliverLate, listJobs, type PendingCall, pendingEngine, type Wire } from "./pending-engine.ts";
import { siteText } from "./site-text.ts";

/** A write of the journal that is not on the disk yet. */
interface PendingWrite {
  readonly entries: readonly JournalEntry[];
  readonly done: () => void;
}

/** A scheduler of the real code between two crashes. */
interface Scheduler {
  readonly core: Core;
  readonly submitter: Submitter;
  readonly calls: PendingCall[];
  readonly writes: PendingWrite[];
}

/** A scheduler, its faulty engine and its disk, in virtual time; nothing moves but by a step of a history. */
export interface World {
  readonly wire: Omit<Wire, "calls">;
  readonly runs: Map<string, number>;
  readonly site: Site;
  readonly flavors: readonly (OfferedFlavor & { usableSlots: number })[];
  disk: JournalEntry[];
  scheduler: Scheduler;
  /** Ids of jobs whose owner was told that they were taken. */
  readonly promised: Set<string>;
  /** Ids of jobs of which the disk was told that their record is no longer wanted. */
  readonly forgotten: Set<string>;
}

export const worldFlavors = ["no-gpu", "short", "long"] as const;

export async function createWorld(cap: number): Promise<World> {
  const engine = createEngine();
  const runs = new Map<string, number>();
  const text = siteText.replace(/maxActiveJobsPerUser: \d+/, `maxActiveJobsPerUser: ${cap}`);
  const site = parseSite(text, "site.yaml");
  const machine = { cores: 8, memoryBytes: 100e9, gpus: [] };
  const flavors = flavorsOn(machine, site).map((flavor) => ({ ...flavor, timeLimitSeconds: 30 }));
  const parts = { wire: { engine, runs, late: [] }, runs, site, flavors, disk: [] };
  const world = { ...parts, promised: new Set<string>(), forgotten: new Set<string>() };
  return Object.assign(world, { scheduler: await startScheduler(world) });
}

/** `kill -9` and a new start; what was on its way to engine and disk arrives first, or never. */
export async function crash(world: World, lost: boolean): Promise<void> {
  const { calls, writes } = world.scheduler;
  deliverLate(world.wire, lost);
  for (const call of calls.splice(0)) if (!lost) call.serve("answer lost");
  if (!lost) for (const { entries } of writes.splice(0)) persist(world, entries);
  // A new watch begins with a full picture; what the old one was about to tell goes with it.
  world.wire.engine.messages.length = 0;
  world.scheduler = await startScheduler(world);
}

async function startScheduler(world: Omit<World, "scheduler">): Promise<Scheduler> {
  const [calls, writes]: [PendingCall[], PendingWrite[]] = [[], []];
  const engine = pendingEngine({ ...world.wire, calls });
  const now = () => world.wire.engine.now;
  const faults = createFaultLog(now, () => undefined);
  const shared = {
    now,
    faults,
    background: createBackground(faults),
    wake: () => undefined,
    keepsRecords: false,
  };
  const memory = createMemory();
  for (const entry of world.disk) remember(memory, entry);
  const core: Core = {
    ...shared,
    site: world.site,
    flavors: () => world.flavors,
    engine,
    leads: () => true,
    startTimeoutSeconds: undefined,
    scratchUse: undefined,
    sweepLogs: async () => undefined,
    records: createRecords({ ...shared, journal: pendingJournal(world, writes), audit: noAudit }, memory),
    inFlight: createInFlight(now),
    reserve: { place: "the disk", isTouched: async () => false },
    problems: createProblemBoard(),
  };
  await recover(core, listJobs(world.wire.engine));
  return { core, submitter: createSubmitter(core, platform), calls, writes };
}

const noAudit = {
  started: async () => undefined,
  ended: async () => undefined,
  refused: async () => undefined,
  reopen: async () => undefined,
  close: async () => undefined,
};

const images = [
  {
    name: "ubuntu-python",
    tags: ["latest"],
    reference: "ubuntu-python:latest",
    sizeBytes: 1,
    labels: {},
    allowed: true,
  },
];

const platform = {
  images: catalogueOf(async () => images, { registry: { prefix: "" } } as Pick<Site, "registry">),
  limits: { specificationBytes: 1_048_576 },
  datasets: { check: async () => new Set<string>() },
};

function pendingJournal(world: Pick<World, "disk">, writes: PendingWrite[]): Journal {
  return {
    append: (entries) => new Promise((done) => void writes.push({ entries, done })),
    shorten: async (living) => {
      world.disk = [...living()];
    },
    keepShort: () => undefined,
    close: async () => undefined,
  };
}

/** Everything that waits for the disk is written, and whoever waited goes on. */
export async function flush(world: World): Promise<void> {
  for (const { entries, done } of world.scheduler.writes.splice(0)) {
    persist(world, entries);
    done();
  }
  await settled();
}

function persist(world: World, entries: readonly JournalEntry[]): void {
  world.disk.push(...entries);
  for (const entry of entries) if (entry.kind === "forgotten") world.forgotten.add(entry.id);
}

export function submit(
  world: World,
  order: { owner: string; flavor: string; name: string; run: number },
): void {
  const { owner, flavor, name, run } = order;
  world.runs.set(name, run);
  const user = { name: owner, uid: 20_000, gid: 20_000, datasets: [] };
  const request = submitRequestSchema.parse({ name, flavor, arguments: ["true"] });
  world.scheduler.submitter
    .submit({ user, request })
    .then(({ record }) => world.promised.add(record.spec.id))
    .catch(() => undefined);
}

/** An owner or operator deletes the job at this place among all records. */
export function remove(world: World, index: number, author: StopAuthor): void {
  const { records } = world.scheduler.core;
  const all = [...records.active(), ...records.ended()];
  const record = all[index % Math.max(1, all.length)];
  if (record === undefined) return;
  deleteJob(world.scheduler.core, record, author).catch(() => undefined);
}

/** What the loop does once a minute. */
export function sweep({ scheduler: { core } }: World): void {
  void sweepOnce(core).catch(() => undefined);
}
