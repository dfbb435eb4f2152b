import { setTimeout as pause } from "node:timers/promises";
import { backOff } from "./back-off.ts";
import { ClusterError, hasStatus } from "./cluster-error.ts";
import type { ClusterConnection } from "./connection.ts";
import { withQuery } from "./paths.ts";
import { type ListPage, readFitting } from "./read-page.ts";

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
  /** Milliseconds to wait after so many failures in a row. */
  readonly pauseMs?: (failures: number) => number;
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

/** Objects a page of a list. */
const pageSize = 500;
/** So many failures in a row. */
const listedAnewAfter = 4;
const usualSilenceMs = 90_000;
/** A watch is asked for anew after 5 to 10 minutes, so that not all of them begin at once. */
const watchSeconds = 300;
/** Whatever the server asks for, what is new must be seen some time. */
const longestPauseMs = 30_000;

export function createReflector<T extends Reflected>(options: ReflectorOptions<T>): Reflector<T> {
  const copy: Copy<T> = { options, objects: new Map(), version: undefined };
  const isAsOf = (version: string): boolean =>
    copy.version !== undefined && BigInt(copy.version) >= BigInt(version);
  const { promise: synced, resolve } = Promise.withResolvers<void>();
  return {
    objects: copy.objects,
    synced,
    isAsOf,
    take: (object) => {
      const trimmed = options.trim(object);
      if (trimmed === undefined) return;
      // One that is not there, though all up to its version is known, has gone since.
      if (copy.objects.has(trimmed.uid) || !isAsOf(trimmed.resourceVersion)) put(copy, trimmed);
    },
    run: (signal) => follow(copy, resolve, signal),
  };
}

interface Copy<T extends Reflected> {
  readonly options: ReflectorOptions<T>;
  readonly objects: Map<string, T>;
  /** Up to where it is known what happened. */
  version: string | undefined;
}

async function follow<T extends Reflected>(
  copy: Copy<T>,
  onSynced: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { pauseMs = (count: number) => backOff(count, Math.random()), onFault } = copy.options;
  let isListed = false;
  let failures = 0;
  const onWord = (): void => {
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      if (!isListed) copy.version = await list(copy);
      isListed = true;
      onSynced();
      await watch(copy, { signal, onWord });
      failures = 0;
      // The server ended it, as it does now and then; one that does so at once is not asked without end.
      await pause(pauseMs(0), undefined, { signal });
    } catch (error) {
      if (signal.aborted) return;
      // Anything else broke on its way here: what came is known, and the rest goes on behind it.
      // A server that was away for long may have come back with an older store, whose watches say nothing of that.
      if (error instanceof CannotGoOn || hasStatus(error, 410) || failures >= listedAnewAfter)
        isListed = false;
      if (!hasStatus(error, 410)) onFault(error);
      const wanted = error instanceof ClusterError ? (error.retryAfterMs ?? 0) : 0;
      const ms = Math.max(pauseMs(failures), Math.min(wanted, longestPauseMs));
      await pause(ms, undefined, { signal }).catch(() => undefined);
      failures += 1;
    }
  }
}

/** The server says, in a watch, that it cannot tell what came after a version. */
class CannotGoOn extends ClusterError {}

function put<T extends Reflected>({ objects, options }: Copy<T>, object: T): void {
  const known = objects.get(object.uid)?.resourceVersion;
  if (known !== undefined && BigInt(known) >= BigInt(object.resourceVersion)) return;
  objects.set(object.uid, object);
  options.onChange(object.uid, object);
}

function remove<T extends Reflected>({ objects, options }: Copy<T>, uid: string): void {
  if (objects.delete(uid)) options.onChange(uid, undefined);
}

/** Takes all that there is; returns from where to go on. */
async function list<T extends Reflected>(copy: Copy<T>): Promise<string> {
  const seen = new Set<string>();
  let before: readonly string[] = [];
  let page: ListPage["metadata"] = { resourceVersion: "" };
  let limit = pageSize;
  do {
    const { connection, path, labelSelector } = copy.options;
    const answer = await readFitting(connection, { path, labelSelector, limit, continue: page.continue });
    page = answer.metadata;
    limit = answer.limit;
    if (wasPutBack(copy, page.resourceVersion)) before = forgetVersions(copy);
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
  for (const uid of before) if (!copy.objects.has(uid)) copy.options.onChange(uid, undefined);
  return page.resourceVersion;
}

/** A list is never older than what was told before, unless the server's store was restored from a copy. */
function wasPutBack<T extends Reflected>({ version }: Copy<T>, listed: string): boolean {
  return version !== undefined && BigInt(listed) < BigInt(version);
}

/** What is known is newer than all that comes now, and yet it is not so any more. Returns of what it was. */
function forgetVersions<T extends Reflected>(copy: Copy<T>): readonly string[] {
  const uids = [...copy.objects.keys()];
  copy.objects.clear();
  copy.version = undefined;
  return uids;
}

interface WatchOptions {
  readonly signal: AbortSignal;
  /** Hears of each event that was taken: what fails after that is no failure in a row. */
  readonly onWord: () => void;
}

/** Follows from the copy's version on until the server ends that. Throws where it breaks. */
async function watch<T extends Reflected>(copy: Copy<T>, { signal, onWord }: WatchOptions): Promise<void> {
  for await (const { type, object } of watchEvents(copy.options, copy.version ?? "", signal)) {
    if (type === "ERROR") throw errorOf(object);
    const { uid = "", resourceVersion } = object.metadata ?? {};
    const trimmed = type === "BOOKMARK" || type === "DELETED" ? undefined : copy.options.trim(object);
    if (trimmed !== undefined) put(copy, trimmed);
    else if (type !== "BOOKMARK") remove(copy, uid);
    copy.version = resourceVersion ?? copy.version;
    onWord();
  }
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

function errorOf(status: unknown): CannotGoOn {
  const {
    code = 500,
    message = "the watch failed",
    reason = "",
  } = status as {
    readonly code?: number;
    readonly message?: string;
    readonly reason?: string;
  };
  return new CannotGoOn(message, { status: code, reason });
}
