import { toJsonLine } from "../journal/json-line.ts";
import { openLineFile } from "../journal/line-file.ts";
import type { JobRecord, JobSpec } from "../queue/model.ts";

/** Who did what with which data. At least once: after a crash a line may be there twice, with the same id and event. */
export interface AuditLog {
  started(record: JobRecord): Promise<void>;
  ended(record: JobRecord): Promise<void>;
  refused(refusal: Refusal): Promise<void>;
  close(): Promise<void>;
}

/** A request that was not granted. Texts are the user's own and may be hostile: they are data in JSON, cut to size. */
export interface Refusal {
  readonly user: string;
  readonly code: string;
  readonly message: string;
  readonly name?: string;
  readonly image?: string;
  readonly flavor?: string;
  readonly command?: readonly string[];
  readonly datasets?: readonly string[];
}

/** Opens the audit log, one JSON object a line, readable by its owner alone. The environment of a job never enters it. */
export async function openAuditLog(file: string, now: () => number): Promise<AuditLog> {
  const lineFile = await openLineFile(file);
  const write = (event: string, facts: object): Promise<void> =>
    lineFile.append(toJsonLine({ time: new Date(now()).toISOString(), event, ...facts }));
  return {
    started: (record) => write("start", { ...subject(record.spec), startedAt: iso(record.startedAt) }),
    ended: (record) => write("end", { ...subject(record.spec), ...outcome(record) }),
    refused: (refusal) => write("refusal", { ...refusal, ...shortened(refusal) }),
    close: lineFile.close,
  };
}

function subject(spec: JobSpec): object {
  return {
    user: spec.owner,
    uid: spec.uid,
    id: spec.id,
    name: spec.name,
    image: spec.image,
    command: cut(spec.arguments),
    datasets: spec.datasets,
    flavor: spec.flavor,
    submittedAt: iso(spec.submittedAt),
  };
}

function outcome(record: JobRecord): object {
  return {
    startedAt: iso(record.startedAt),
    endedAt: iso(record.endedAt),
    state: record.state,
    reason: record.reason,
    exitCode: record.exitCode,
  };
}

function shortened(refusal: Refusal): object {
  return {
    message: refusal.message.slice(0, longestText),
    ...(refusal.command === undefined ? {} : { command: cut(refusal.command) }),
    ...(refusal.datasets === undefined ? {} : { datasets: cut(refusal.datasets) }),
  };
}

const longestText = 1000;

/** A command of megabytes must not fill the disk of the audit; what was left out is said. */
function cut(texts: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let room = 16_384;
  for (const [index, text] of texts.entries()) {
    if (room <= 0) return [...kept, `(${texts.length - index} more)`];
    const shown =
      text.length > room ? `${text.slice(0, room)} (${text.length - room} more characters)` : text;
    kept.push(shown);
    room -= text.length;
  }
  return kept;
}

function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
