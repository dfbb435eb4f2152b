import { isActive } from "@workstation/jobman/protocol";
import { type JobRecord, type RunHistory, runSeconds } from "../queue/index.ts";
import { shortSpec } from "../shortening/short-spec.ts";
import { endedEntry } from "./change.ts";
import type { JournalEntry } from "./entry.ts";
import type { RecordsState } from "./state.ts";

type Memory = Pick<RecordsState, "store" | "books" | "forgotten" | "history" | "lastSequence" | "now">;

/** What the journal must still tell: the memory as it is at this call, however slowly the answer is then read. */
export function livingEntries(state: Memory): Iterable<JournalEntry> {
  const { store, history, forgotten, lastSequence } = state;
  const ended = store.ended();
  const first: readonly JournalEntry[] = [
    { kind: "sequence", upTo: lastSequence },
    ...runsWithout(history, ended),
    ...[...forgotten].map((id): JournalEntry => ({ kind: "forgotten", id })),
  ];
  return joined(
    first,
    [...ended, ...store.active()].map((record) => entryMaker(state, record)),
  );
}

function* joined(
  first: readonly JournalEntry[],
  makers: readonly (() => readonly JournalEntry[])[],
): Iterable<JournalEntry> {
  yield* first;
  for (const makeEntries of makers) yield* makeEntries();
}

// Records never change; what else is asked for is looked up now.
function entryMaker({ books, now }: Memory, record: JobRecord): () => readonly JournalEntry[] {
  const { id } = record.spec;
  const { startError, startWritten = false, endOwed = false } = books.get(id) ?? {};
  if (!isActive(record.state) && !endOwed) return () => [endedEntry(record, startError)];
  const at = now();
  return () => openEntries(record, { startWritten, at });
}

/** A job that is not over, or whose end the audit may not have yet: the next start finds it out anew. */
function openEntries(
  { spec, startedAt, stopping }: JobRecord,
  facts: { readonly startWritten: boolean; readonly at: number },
): readonly JournalEntry[] {
  const { id } = spec;
  const asked = stopping === undefined || stopping === "deadline" ? undefined : stopping;
  return [
    { kind: "accepted", spec: shortSpec(spec) },
    ...(startedAt !== undefined && facts.startWritten
      ? [{ kind: "started", id, at: startedAt } as const]
      : []),
    ...(asked === undefined ? [] : [{ kind: "stop", id, by: asked, at: facts.at } as const]),
  ];
}

/** The runs that no kept record tells: those of records that were removed. */
function runsWithout(history: RunHistory, ended: readonly JobRecord[]): readonly JournalEntry[] {
  const told = Map.groupBy(ended, (record) => record.spec.flavor);
  return [...history].flatMap(([flavor, runs]) => {
    const left = [...runs];
    for (const record of told.get(flavor) ?? []) {
      const index = left.lastIndexOf(runSeconds(record) ?? -1);
      if (index >= 0) left.splice(index, 1);
    }
    return left.map((seconds): JournalEntry => ({ kind: "ran", flavor, seconds }));
  });
}
