import { isActive } from "@workstation/jobman/protocol";
import type { StopAuthor } from "../queue/index.ts";
import type { World } from "./world.ts";

/** What an onlooker has to remember from one moment to the next. */
export interface Onlooker {
  /** How many jobs of a flavor may run though its slots were taken away meanwhile. */
  readonly ceilings: Map<string, number>;
  /** Jobs that were seen to be stopped by somebody. */
  readonly stopped: Map<string, StopAuthor>;
}

/** What must be true at every moment of what really runs, whatever the scheduler believes. */
export function checkMoment(world: World, onlooker: Onlooker): void {
  const { records } = world.scheduler.core;
  const running = [...world.wire.engine.containers.values()].filter(({ phase }) => phase === "running");
  for (const { spec, starts } of running) {
    if (starts > 1) throw new Error(`${spec.name}: started twice`);
    if (!records.get(spec.id)?.holdsSlot) throw new Error(`${spec.name}: runs without a slot`);
  }
  for (const { name, usableSlots } of world.flavors) {
    const holding = records.active().filter((job) => job.holdsSlot && job.spec.flavor === name).length;
    const ceiling = Math.max(usableSlots, Math.min(onlooker.ceilings.get(name) ?? usableSlots, holding));
    onlooker.ceilings.set(name, ceiling);
    const here = running.filter(({ spec }) => spec.flavor === name).length;
    if (here > ceiling) throw new Error(`${name}: ${here} jobs run in ${ceiling} slots`);
  }
  const cap = world.site.limits.maxActiveJobsPerUser;
  for (const [owner, jobs] of Map.groupBy(running, ({ spec }) => spec.owner)) {
    if (jobs.length > cap) throw new Error(`${owner}: ${jobs.length} jobs run, the cap is ${cap}`);
  }
  checkRecords(world, onlooker);
}

function checkRecords(world: World, { stopped }: Onlooker): void {
  const { records } = world.scheduler.core;
  for (const { spec, stopping } of records.active()) {
    if (stopping === "user" || stopping === "operator")
      stopped.set(spec.id, stopped.get(spec.id) ?? stopping);
  }
  for (const id of world.promised) {
    if (records.get(id) === undefined && !world.forgotten.has(id)) throw new Error(`${id}: lost`);
  }
  for (const id of world.forgotten) {
    if (records.get(id) !== undefined) throw new Error(`${id}: came back though it was forgotten`);
  }
}

/** What must be true once all has come to rest. */
export function checkRest(world: World, { stopped }: Onlooker): void {
  const { records } = world.scheduler.core;
  for (const { spec, state } of records.active())
    throw new Error(`${spec.name}: still ${state}, or its slot leaked`);
  for (const container of world.wire.engine.containers.values()) {
    const { spec, phase } = container;
    if (phase !== "removed") throw new Error(`${spec.name}: its container is left, ${phase}`);
    const record = records.get(spec.id);
    if (record === undefined) continue;
    if (isActive(record.state)) throw new Error(`${spec.name}: still ${record.state}`);
    const expected = expectedReasons(container, stopped.get(spec.id));
    if (!expected.includes(record.reason)) {
      throw new Error(`${spec.name}: ${record.reason}, but it was ${expected.join(" or ")}`);
    }
  }
}

type Container = World["wire"]["engine"]["containers"] extends Map<string, infer T> ? T : never;

/** How a job must read that ended so. */
function expectedReasons(container: Container, author: StopAuthor | undefined): readonly string[] {
  // By the time at which its absence was seen, it may have passed its limit.
  const removed = container.pruned ? ["ContainerRemoved", "DeadlineExceeded"] : [];
  if (author !== undefined) return [author === "user" ? "DeletedByUser" : "DeletedByOperator"];
  // A wish that was written when the end was on its way may show or not, after a crash.
  return [...removed, naturalReason(container), "DeletedByUser", "DeletedByOperator"];
}

function naturalReason({ spec, startedAt, endedAt, nodeLost, startError }: Container): string {
  if (startedAt === undefined) return startError === undefined ? "ContainerRemoved" : "StartFailed";
  if ((endedAt ?? 0) - startedAt >= spec.timeLimitSeconds * 1000) return "DeadlineExceeded";
  return nodeLost ? "NodeLost" : "Completed";
}
