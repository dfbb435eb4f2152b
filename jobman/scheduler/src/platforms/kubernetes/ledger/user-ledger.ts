import type { V1ConfigMap } from "@kubernetes/client-node";
import { containerLabels, type Site } from "@workstation/site";
import { z } from "zod";
import { hasStatus, isAmbiguous } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths } from "../api/paths.ts";
import { fetchJob } from "../objects/fetch-job.ts";
import { namespaceOf, objectName, userLedgerPlace } from "../objects/names.ts";
import { observeJob } from "../objects/observe.ts";
import { readEntries } from "./read-entries.ts";
import { createUnseenJobs, type NamedJob } from "./unseen-jobs.ts";

/** A job that counts against its owner's cap. */
export interface ActiveJob {
  readonly name: string;
  readonly flavor: string;
}

/**
 * Each user's active jobs, entered before a job is made: of two schedulers who take a job of the same user at once, one
 * finds the page changed and looks again. How many there are, and how many may be, stands there for the rules in the API
 * server.
 */
export interface UserLedger {
  /**
   * Enters a job unless the user has as many active ones as the site allows by then; answers with those that stood in its
   * way, none where it was entered. Safe to repeat. Throws `ClusterError`.
   */
  enter(owner: string, id: string, job: ActiveJob): Promise<readonly ActiveJob[]>;
  /** Takes a job out that was not made after all. */
  strike(owner: string, id: string): Promise<void>;
  /**
   * Has the page say what is so: these are active, and whoever was entered a moment ago and is not seen yet. `heard`: of
   * which jobs there was news since; where it says nothing new, nothing is asked.
   */
  correct(owner: string, active: ReadonlyMap<string, ActiveJob>, heard: ReadonlySet<string>): Promise<void>;
}

export interface UserLedgerOptions {
  readonly connection: ClusterConnection;
  readonly site: Pick<Site, "kubernetes" | "limits">;
  readonly instance: string;
  /** Of an entry: whether its job is active in truth; undefined where nobody knows it. */
  readonly isActive: (id: string) => boolean | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds, by a clock that nobody sets. */
  readonly elapsed?: (() => number) | undefined;
  /** Hears of a page that nobody can read. */
  readonly onFault: (fault: unknown) => void;
}

/** `at`: when it was entered, by the clock of whoever did (milliseconds since the epoch). */
const entrySchema = z.object({ name: z.string(), flavor: z.string(), at: z.number() });
const pageSchema = z.record(z.string(), entrySchema);
type Entries = z.infer<typeof pageSchema>;
type Entry = [string, Entries[string]];

const attempts = 20;

export function createUserLedger(options: UserLedgerOptions): UserLedger {
  const { now, isActive, site } = options;
  const pages: KnownPages = { ...options, known: new Map() };
  const unseen = createUnseenJobs({
    isActive: (job) => isActiveThere(options, job),
    elapsed: options.elapsed,
    now,
  });
  const counted = async (owner: string, entries: readonly Entry[]): Promise<readonly Entry[]> => {
    const answers = await Promise.all(
      entries.map(([id, { name, at }]) => isActive(id) ?? unseen.mayBeActive({ owner, id, name, at })),
    );
    return entries.filter((_, index) => answers[index]);
  };
  return {
    enter: async (owner, id, job) => {
      let inTheWay: readonly ActiveJob[] = [];
      await changePage(pages, owner, async (before) => {
        const others = Object.entries(before).filter((entry) => entry[0] !== id);
        const active = await counted(owner, others);
        inTheWay = active.length < site.limits.maxActiveJobsPerUser ? [] : active.map(([, each]) => each);
        if (inTheWay.length > 0) return before;
        return { ...Object.fromEntries(active), [id]: { name: job.name, flavor: job.flavor, at: now() } };
      });
      return inTheWay;
    },
    strike: (owner, id) => changePage(pages, owner, async ({ [id]: _, ...rest }) => rest),
    correct: async (owner, active, heard) => {
      const { entries } = pages.known.get(owner) ?? {};
      const saysSo = (id: string): boolean => entries !== undefined && Object.hasOwn(entries, id);
      if ([...active.keys()].every(saysSo) && [...heard].every((id) => active.has(id) && saysSo(id))) return;
      await changePage(pages, owner, async (before) => {
        // What is so by now: another scheduler may have entered a job since, which we have seen meanwhile.
        const stay = await counted(owner, Object.entries(before));
        const come = [...active].filter(([id]) => before[id] === undefined && isActive(id) !== false);
        const entered = come.map(([id, { name, flavor }]): Entry => [id, { name, flavor, at: now() }]);
        return Object.fromEntries([...stay, ...entered]);
      });
    },
  };
}

async function isActiveThere(options: UserLedgerOptions, { owner, id, name }: NamedJob): Promise<boolean> {
  const { site } = options;
  const place = { namespace: namespaceOf(site, owner), name: objectName(site, { owner, name }) };
  const { view } = (await fetchJob(options, place)) ?? {};
  return view?.spec.id === id && observeJob(view, [])?.phase !== "ended";
}

interface KnownPages extends UserLedgerOptions {
  /** As they were read or written last; others may have changed them since, which a write then tells. */
  readonly known: Map<string, Page>;
}

/** Writes what `edit` makes of the page, unless that is what stands there in truth. */
async function changePage(
  pages: KnownPages,
  owner: string,
  edit: (entries: Entries) => Promise<Entries>,
): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const known = pages.known.get(owner);
    const page = known ?? (await readPage(pages, owner));
    pages.known.delete(owner);
    const entries = await edit(page.entries);
    if (sameKeys(entries, page.entries)) {
      if (known !== undefined) continue;
      remember(pages, owner, page);
      return;
    }
    const version = await writePage(pages, owner, { ...page, entries });
    if (version === undefined) continue;
    remember(pages, owner, { version, entries });
    return;
  }
  throw new Error(`the ledger of ${owner}'s jobs was changed by others ${attempts} times in a row`);
}

const rememberedPages = 1000;

function remember({ known }: KnownPages, owner: string, page: Page): void {
  known.set(owner, page);
  const [oldest] = known.keys();
  if (known.size > rememberedPages && oldest !== undefined) known.delete(oldest);
}

function sameKeys(a: Entries, b: Entries): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key));
}

interface Page {
  readonly version: string | undefined;
  readonly entries: Entries;
}

async function readPage(options: UserLedgerOptions, owner: string): Promise<Page> {
  const { connection, site, instance, onFault } = options;
  const { namespace, name } = userLedgerPlace(site, instance, owner);
  try {
    const { metadata, data } = await connection.ask<V1ConfigMap>("GET", paths.configMap(namespace, name));
    return { version: metadata?.resourceVersion, entries: readEntries(data?.jobs, pageSchema, onFault) };
  } catch (error) {
    if (hasStatus(error, 404)) return { version: undefined, entries: {} };
    throw error;
  }
}

/** Its version then; undefined where somebody else was faster, or may have been: the next look tells. */
async function writePage(options: UserLedgerOptions, owner: string, page: Page): Promise<string | undefined> {
  const { namespace, name } = userLedgerPlace(options.site, options.instance, owner);
  const body = pageObject(options, owner, page);
  try {
    const [method, path] =
      page.version === undefined
        ? (["POST", paths.configMaps(namespace)] as const)
        : (["PUT", paths.configMap(namespace, name)] as const);
    return (await options.connection.ask<V1ConfigMap>(method, path, { body })).metadata?.resourceVersion;
  } catch (error) {
    // A namespace that is not there stays so.
    if (hasStatus(error, 404) && page.version === undefined) throw error;
    if (hasStatus(error, 404, 409) || isAmbiguous(error)) return undefined;
    throw error;
  }
}

function pageObject(
  { site, instance }: UserLedgerOptions,
  owner: string,
  { version, entries }: Page,
): V1ConfigMap {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      ...userLedgerPlace(site, instance, owner),
      labels: { [containerLabels.instance]: instance, [containerLabels.owner]: owner },
      ...(version === undefined ? {} : { resourceVersion: version }),
    },
    data: {
      active: String(Object.keys(entries).length),
      allowed: String(site.limits.maxActiveJobsPerUser),
      jobs: JSON.stringify(entries),
    },
  };
}
