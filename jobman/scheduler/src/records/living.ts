import { isActive } from "@workstation/jobman/protocol";
import type { Core } from "../core/core.ts";
import { type JobRecord, type RunHistory, runSeconds } from "../queue/index.ts";
import { endedEntry } from "./change.ts";
import type { JournalEntry } from "./entry.ts";
import { shortSpec } from "./short-spec.ts";

type Memory = Pick<Core, "store" | "inHand" | "now">;

/** What the journal must still tell: the memory as it is at this call, however slowly the answer is then read. */
export function livingEntries(core: Memory): Iterable<JournalEntry> {
  const { store, inHand } = core;
  const ended = store.ended();
  const first: readonly JournalEntry[] = [
    { kind: "sequence", upTo: inHand.lastSequence },
    ...runsWithout(inHand.history, ended),
    ...[...inHand.forgotten].map((id): JournalEntry => ({ kind: "forgotten", id })),
  ];
  return joined(
    first,
    [...ended, ...store.active()].map((record) => entryMaker(core, record)),
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
function entryMaker({ inHand, now }: Memory, record: JobRecord): () => readonly JournalEntry[] {
  const { id } = record.spec;
  const startError = inHand.startErrors.get(id);
  if (!isActive(record.state) && !inHand.unsaved.has(id)) return () => [endedEntry(record, startError)];
  const noted = inHand.startNoted.has(id);
  const at = now();
  return () => openEntries(record, { noted, at });
}

/** A job that is not over, or whose end the audit may not have yet: the next start finds it out anew. */
function openEntries(
  { spec, startedAt, stopping }: JobRecord,
  facts: { readonly noted: boolean; readonly at: number },
): readonly JournalEntry[] {
  const { id } = spec;
  const asked = stopping === undefined || stopping === "deadline" ? undefined : stopping;
  return [
    { kind: "accepted", spec: shortSpec(spec) },
    ...(startedAt !== undefined && facts.noted ? [{ kind: "started", id, at: startedAt } as const] : []),
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
