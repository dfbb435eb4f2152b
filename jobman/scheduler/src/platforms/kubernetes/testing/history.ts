import { setTimeout as pause } from "node:timers/promises";
import type { V1ConfigMap, V1Job, V1Pod } from "@kubernetes/client-node";
import { clusterLabels, containerLabels } from "@workstation/site";
import { ClusterError, hasStatus } from "../api/cluster-error.ts";
import type { ClusterConnection } from "../api/connection.ts";
import { paths, withQuery } from "../api/paths.ts";

/** What the API server told of one object at one revision of its store; revisions order all objects. */
export type HistoryEvent = { readonly revision: bigint; readonly gone: boolean; readonly seenAt: number } & (
  | { readonly kind: "job"; readonly object: V1Job }
  | { readonly kind: "pod"; readonly object: V1Pod }
  | { readonly kind: "ledger"; readonly object: V1ConfigMap }
);

/** Everything that happened to an instance's Jobs, pods and slot ledgers, as the API server tells it, from now on. */
export interface History {
  /** In the order in which it happened. */
  events(): readonly HistoryEvent[];
  /** Resolves when all is there that happened up to now. */
  caughtUp(): Promise<void>;
  stop(): Promise<void>;
}

export async function recordHistory(connection: ClusterConnection, instance: string): Promise<History> {
  const mine = `${containerLabels.instance}=${instance}`;
  const events = new Map<string, HistoryEvent>();
  const note = (event: HistoryEvent): void => {
    events.set(`${event.kind} ${event.object.metadata?.uid} ${event.revision}`, event);
  };
  const stopped = new AbortController();
  const sources = [
    { kind: "job" as const, path: paths.jobs(), labelSelector: mine },
    { kind: "pod" as const, path: paths.pods(), labelSelector: mine },
    { kind: "ledger" as const, path: "/api/v1/configmaps", labelSelector: `${mine},${clusterLabels.ledger}` },
  ];
  const running = await Promise.all(
    sources.map((source) => follow(connection, { ...source, note, signal: stopped.signal })),
  );
  return {
    events: () => [...events.values()].toSorted((a, b) => (a.revision < b.revision ? -1 : 1)),
    caughtUp: async () => {
      await Promise.all(running.map((each) => each.caughtUp()));
    },
    stop: async () => {
      stopped.abort();
      await Promise.all(running.map((each) => each.ended));
    },
  };
}

interface Source {
  readonly kind: HistoryEvent["kind"];
  readonly path: string;
  readonly labelSelector: string;
  readonly note: (event: HistoryEvent) => void;
  readonly signal: AbortSignal;
}

interface List {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly HistoryEvent["object"][];
}

const pollMs = 20;

async function follow(connection: ClusterConnection, source: Source) {
  const reached = { revision: 0n, there: new Map<string, HistoryEvent["object"]>() };
  await listAnew(connection, source, reached);
  const ended = (async () => {
    while (!source.signal.aborted) {
      try {
        await watchOn(connection, source, reached);
      } catch (error) {
        if (hasStatus(error, 410)) await listAnew(connection, source, reached).catch(() => undefined);
        await pause(pollMs);
      }
    }
  })();
  const caughtUp = async (): Promise<void> => {
    const { items } = await list(connection, source);
    const newest = items.map(({ metadata }) => BigInt(metadata?.resourceVersion ?? 0));
    const [wanted = 0n] = newest.toSorted((a, b) => (a > b ? -1 : 1));
    while (reached.revision < wanted) await pause(pollMs);
  };
  return { ended, caughtUp };
}

interface Reached {
  revision: bigint;
  readonly there: Map<string, HistoryEvent["object"]>;
}

function list(connection: ClusterConnection, { path, labelSelector }: Source): Promise<List> {
  return connection.ask("GET", withQuery(path, { labelSelector }));
}

/** At the beginning, and where the server forgot what lies between: then that is seen as it became. */
async function listAnew(connection: ClusterConnection, source: Source, reached: Reached): Promise<void> {
  const { items, metadata } = await list(connection, source);
  const found = new Set(items.map((item) => item.metadata?.uid));
  for (const [uid, object] of reached.there) {
    if (found.has(uid)) continue;
    take(source, reached, { type: "DELETED", object: at(object, metadata.resourceVersion) });
  }
  for (const object of items) take(source, reached, { type: "ADDED", object });
  reached.revision = BigInt(metadata.resourceVersion);
}

function at(object: HistoryEvent["object"], resourceVersion: string): HistoryEvent["object"] {
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

/** From where the last one ended: a server that was away tells all that its store still has. */
async function watchOn(connection: ClusterConnection, source: Source, reached: Reached): Promise<void> {
  const { path, labelSelector, signal } = source;
  const query = { watch: 1, labelSelector, resourceVersion: String(reached.revision), timeoutSeconds: 3600 };
  const bytes = await connection.stream(withQuery(path, query), { signal, silenceMs: 3_600_000 });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(source, reached, JSON.parse(line));
  }
}

interface Told {
  readonly type: string;
  readonly object: HistoryEvent["object"];
}

function take({ kind, note }: Source, reached: Reached, { type, object }: Told): void {
  if (type === "ERROR") throw new ClusterError("the history has a gap", { status: 410 });
  const { uid = "", resourceVersion = "0" } = object.metadata ?? {};
  const gone = type === "DELETED";
  reached.revision = BigInt(resourceVersion);
  if (gone) reached.there.delete(uid);
  else reached.there.set(uid, object);
  note({ kind, object, gone, revision: reached.revision, seenAt: Date.now() } as HistoryEvent);
}
