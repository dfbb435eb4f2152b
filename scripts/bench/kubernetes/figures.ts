import type { AuditLine } from "./audit.ts";
import { flavorCount, slotsPerFlavor } from "./bench-site.ts";

/** What the audit log says of a load. */
export interface LoadFigures {
  readonly admitted: number;
  readonly perSecond: number;
  /** From the answer to the write of an end to the answer to the un-suspension of the flavor's next job, in milliseconds. */
  readonly handOvers: readonly number[];
  readonly seconds: number;
}

export function loadFigures(audit: readonly AuditLine[], who: string): LoadFigures {
  const admissions = lastOfEach(audit.filter((line) => line.who === who && isChange(line)));
  const ends = audit.filter(isEnd);
  const times = admissions.map(({ answeredAt }) => answeredAt);
  const seconds = (Math.max(...times) - Math.min(...times)) / 1000;
  return {
    admitted: admissions.length,
    perSecond: admissions.length / seconds,
    seconds,
    handOvers: handOvers(admissions, ends),
  };
}

function isChange({ verb, resource, status }: AuditLine): boolean {
  return (verb === "patch" || verb === "update") && resource === "jobs" && status === 200;
}

/** Kueue changes a job before it lets it go, too. */
function lastOfEach(lines: readonly AuditLine[]): readonly AuditLine[] {
  return [...new Map(lines.map((line) => [line.name, line])).values()];
}

/** The stand-in's one write of a job. */
export function isEnd({ who, resource, status }: AuditLine): boolean {
  return who === "stand-in" && resource === "jobs/status" && status === 200;
}

/** The first jobs of a flavor find free slots; the job after those takes the slot of the first that ended, and so on. */
function handOvers(admissions: readonly AuditLine[], ends: readonly AuditLine[]): readonly number[] {
  const ended = Map.groupBy(ends, flavorOf);
  return [...Map.groupBy(admissions, flavorOf)].flatMap(([flavor, lines]) => {
    const given = inOrder(ended.get(flavor) ?? []);
    const taken = inOrder(lines).slice(slotsPerFlavor);
    return taken.map((at, index) => at - (given[index] ?? Number.NaN));
  });
}

function inOrder(lines: readonly AuditLine[]): readonly number[] {
  return lines.map(({ answeredAt }) => answeredAt).sort((a, b) => a - b);
}

/** Jobs are named by their number, and take flavors in turn. */
function flavorOf({ name }: AuditLine): number {
  return Number(name.slice(name.lastIndexOf("-") + 1)) % flavorCount;
}

/** How often each thing was asked for, the most frequent first: `patch jobs`. */
export function requestsOf(audit: readonly AuditLine[], who: string): ReadonlyMap<string, number> {
  const ours = audit.filter((line) => line.who === who && line.verb !== "watch");
  const counted = Map.groupBy(ours, (line) => `${line.verb} ${thingOf(line)}`);
  return new Map(
    [...counted].map(([what, { length }]) => [what, length] as const).toSorted((a, b) => b[1] - a[1]),
  );
}

function thingOf({ resource, name }: AuditLine): string {
  if (resource !== "configmaps") return resource;
  return name.includes("-slots-") ? "slot ledgers" : "users' ledgers";
}

/** That which so many of them stay below. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
