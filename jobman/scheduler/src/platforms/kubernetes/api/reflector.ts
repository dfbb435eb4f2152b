import { setTimeout as pause } from "node:timers/promises";
import { ClusterError, hasStatus } from "./cluster-error.ts";
import type { ClusterConnection } from "./connection.ts";
import { withQuery } from "./paths.ts";
import { AnswerTooLarge } from "./read-text.ts";

/** What every object of the API has. */
export interface ApiObject {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** What a reflector keeps of each object. */
export interface Reflected {
  readonly uid: string;
  /** Versions can be compared as numbers: guaranteed since Kubernetes 1.35 (KEP-5504), true of etcd's ever since. */
  readonly resourceVersion: string;
}

export interface ReflectorOptions<T extends Reflected> {
  readonly connection: ClusterConnection;
  readonly path: string;
  readonly labelSelector?: string;
  /** Takes what is needed of an object as it arrives; undefined for one that is nobody's. */
  readonly trim: (object: ApiObject) => T | undefined;
  /** Hears each change, also those found by a new list; `now` undefined: the object is gone. */
  readonly onChange: (uid: string, now: T | undefined) => void;
  /** Hears of faults that are being recovered from. */
  readonly onFault: (fault: unknown) => void;
  /** Milliseconds without a byte after which a watch counts as dead; the server sends a bookmark each minute. */
  readonly silenceMs?: number;
}

/**
 * A copy of a collection, kept up to date by a list and a watch: the reading half of every controller. Objects are known
 * by their UID, so that one made again under the same name is another one.
 */
export interface Reflector<T extends Reflected> {
  readonly objects: ReadonlyMap<string, T>;
  /** Whether all that happened up to this version is known. */
  isAsOf(resourceVersion: string): boolean;
  /** Takes an object that a write was answered with, unless what is known is newer: we read what we wrote. */
  take(object: ApiObject): void;
  /** Resolves when the first whole list was taken. */
  readonly synced: Promise<void>;
  /** Follows the collection until `signal`. */
  run(signal: AbortSignal): Promise<void>;
}

/** Objects a page of a list; fewer where they are large: bounded memory on both sides. */
const pageSize = 500;
const shrinkBy = 5;
const usualSilenceMs = 90_000;
/** A watch is asked for anew after 5 to 10 minutes, so that not all of them begin at once. */
const watchSeconds = 300;
const firstPauseMs = 200;
const longestPauseMs = 30_000;

export function createReflector<T extends Reflected>(options: ReflectorOptions<T>): Reflector<T> {
  const copy: Copy<T> = { options, objects: new Map(), gone: new Map(), version: undefined };
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  return {
    objects: copy.objects,
    synced,
    isAsOf: (version) => copy.version !== undefined && BigInt(copy.version) >= BigInt(version),
    take: (object) => {
      const trimmed = options.trim(object);
      if (trimmed !== undefined) put(copy, trimmed);
    },
    run: (signal) => follow(copy, resolve, signal),
  };
}

interface Copy<T extends Reflected> {
  readonly options: ReflectorOptions<T>;
  readonly objects: Map<string, T>;
  /** At which version objects went, lately: an answer to a write may come after that news. */
  readonly gone: Map<string, string>;
  /** Up to where it is known what happened. */
  version: string | undefined;
}

async function follow<T extends Reflected>(
  copy: Copy<T>,
  onSynced: () => void,
  signal: AbortSignal,
): Promise<void> {
  let version: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    try {
      version ??= await list(copy);
      copy.version = version;
      onSynced();
      const onWord = (): void => {
        failures = 0;
      };
      version = await watch(copy, { version, signal, onWord });
      failures = 0;
      // The server ended it, as it does now and then; one that does so at once is not asked without end.
      await pause(backOff(0), undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      // 410: what we know is too old to go on from. Anything else may hide that, too, and a list is always right.
      version = undefined;
      if (!hasStatus(error, 410)) copy.options.onFault(error);
      await pause(backOff(failures), undefined, { signal }).catch(() => undefined);
      failures += 1;
    }
  }
}

function put<T extends Reflected>({ objects, gone, options }: Copy<T>, object: T): void {
  const known = objects.get(object.uid)?.resourceVersion ?? gone.get(object.uid);
  if (known !== undefined && BigInt(known) >= BigInt(object.resourceVersion)) return;
  objects.set(object.uid, object);
  options.onChange(object.uid, object);
}

function remove<T extends Reflected>({ objects, gone, options }: Copy<T>, uid: string, at?: string): void {
  if (at !== undefined) rememberGone(gone, uid, at);
  if (objects.delete(uid)) options.onChange(uid, undefined);
}

/** Takes all that there is; returns from where to go on. */
async function list<T extends Reflected>(copy: Copy<T>): Promise<string> {
  const seen = new Set<string>();
  let page: Page["metadata"] = { resourceVersion: "" };
  let limit = pageSize;
  do {
    const answer = await readFitting(copy.options, { limit, continue: page.continue });
    page = answer.metadata;
    limit = answer.limit;
    for (const object of answer.items.map(copy.options.trim)) {
      if (object === undefined) continue;
      seen.add(object.uid);
      put(copy, object);
    }
  } while (page.continue !== undefined && page.continue !== "");
  for (const [uid, { resourceVersion }] of copy.objects) {
    // What was taken from an answer after the list is not missing in it.
    if (!seen.has(uid) && BigInt(resourceVersion) <= BigInt(page.resourceVersion)) remove(copy, uid);
  }
  return page.resourceVersion;
}

interface WatchFrom {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Hears each time that the server tells something: what fails after that is no failure in a row. */
  readonly onWord: () => void;
}

/** Follows from `version` on until the server ends that; returns where to go on. Throws where a new list is needed. */
async function watch<T extends Reflected>(
  copy: Copy<T>,
  { version, signal, onWord }: WatchFrom,
): Promise<string> {
  let last = version;
  for await (const { type, object } of watchEvents(copy.options, version, signal)) {
    if (type === "ERROR") throw errorOf(object);
    onWord();
    const { uid = "", resourceVersion } = object.metadata ?? {};
    last = resourceVersion ?? last;
    const trimmed = type === "BOOKMARK" ? undefined : copy.options.trim(object);
    if (type === "DELETED") remove(copy, uid, last);
    else if (trimmed !== undefined) put(copy, trimmed);
    else if (type !== "BOOKMARK") remove(copy, uid);
    copy.version = last;
  }
  return last;
}

interface Page {
  readonly items: readonly ApiObject[];
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
}

/** A page, with fewer objects than were asked for where they are too large; so many are the `limit` of the next. */
async function readFitting<T extends Reflected>(
  options: ReflectorOptions<T>,
  part: Part,
): Promise<Page & Pick<Part, "limit">> {
  try {
    return { ...(await readPage(options, part)), limit: part.limit };
  } catch (error) {
    if (!(error instanceof AnswerTooLarge) || part.limit === 1) throw error;
    return readFitting(options, { ...part, limit: Math.ceil(part.limit / shrinkBy) });
  }
}

interface Part {
  readonly limit: number;
  readonly continue: string | undefined;
}

function readPage<T extends Reflected>(
  { connection, path, labelSelector }: ReflectorOptions<T>,
  part: Part,
): Promise<Page> {
  return connection.ask("GET", withQuery(path, { labelSelector, ...part }));
}

interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: ApiObject;
}

async function* watchEvents<T extends Reflected>(
  { connection, path, labelSelector, silenceMs = usualSilenceMs }: ReflectorOptions<T>,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncIterable<WatchEvent> {
  const timeoutSeconds = Math.floor(watchSeconds * (1 + Math.random()));
  const query = { watch: 1, allowWatchBookmarks: true, labelSelector, resourceVersion, timeoutSeconds };
  const bytes = await connection.stream(withQuery(path, query), { signal, silenceMs });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
}

function errorOf(status: unknown): ClusterError {
  const {
    code = 500,
    message = "the watch failed",
    reason = "",
  } = status as {
    readonly code?: number;
    readonly message?: string;
    readonly reason?: string;
  };
  return new ClusterError(message, { status: code, reason });
}

const rememberedGone = 1000;

function rememberGone(gone: Map<string, string>, uid: string, at: string): void {
  gone.set(uid, at);
  const [oldest] = gone.keys();
  if (gone.size > rememberedGone && oldest !== undefined) gone.delete(oldest);
}

/** The first failure may be chance; after that ever longer, and never all at the same time. */
function backOff(failures: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** failures) * (0.5 + Math.random() / 2);
}
