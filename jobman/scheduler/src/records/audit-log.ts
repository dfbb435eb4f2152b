import { toJsonLine } from "../diagnostics/json-line.ts";
import type { LineSink } from "../files/line-sink.ts";
import type { Reserve } from "../files/reserve.ts";
import type { JobRecord, JobSpec } from "../queue/model.ts";
import { commandRoom, cutText, cutTexts } from "../shortening/cut-texts.ts";
import { createRefusalRate, type RefusalRate } from "./refusal-rate.ts";

/** Who did what with which data. At least once: after a crash a line may be there twice, with the same id and event. */
export interface AuditLog {
  started(record: JobRecord): Promise<void>;
  ended(record: JobRecord): Promise<void>;
  /**
   * Writes the refusal, unless its user had too many of late: those are counted in a later line. Throws
   * `STORAGE_FULL` when the disk has no more than its reserve: starts and ends need that.
   */
  refused(refusal: Refusal): Promise<void>;
  /** Goes on in a new file, for whoever moved the old one away. */
  reopen(): Promise<void>;
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

/** What the audit needs of the world. */
export interface AuditOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly reserve: Reserve;
  /** Hears of a count of refusals that could not be written. */
  readonly onFault: (error: unknown) => void;
}

/** Opens the audit log, one JSON object a line, readable by its owner alone. The environment of a job never enters it. */
export async function openAuditLog(sink: LineSink, options: AuditOptions): Promise<AuditLog> {
  const appendFile = await sink.open();
  const write: Write = (event, facts) =>
    appendFile.append(toJsonLine({ time: new Date(options.now()).toISOString(), event, ...facts }));
  const rate = createRefusalRate(options.now);
  const timer = setInterval(() => void writeLeftOut(rate, write).catch(options.onFault), countEveryMs);
  timer.unref();
  return {
    started: (record) => write("start", { ...subject(record.spec), startedAt: iso(record.startedAt) }),
    ended: (record) => write("end", { ...subject(record.spec), ...outcome(record) }),
    refused: (refusal) => writeRefusal(refusal, { rate, write, reserve: options.reserve }),
    reopen: appendFile.reopen,
    close: async () => {
      clearInterval(timer);
      await writeLeftOut(rate, write).catch(options.onFault);
      await appendFile.close();
    },
  };
}

type Write = (event: string, facts: object) => Promise<void>;

const countEveryMs = 60_000;

async function writeRefusal(
  refusal: Refusal,
  parts: { readonly rate: RefusalRate; readonly write: Write; readonly reserve: Reserve },
): Promise<void> {
  const { rate, write, reserve } = parts;
  if (!rate.mayWrite(refusal.user)) return;
  if (await reserve.isTouched()) {
    rate.leaveOut(refusal.user);
    throw new Error(
      "refusals are not written down: the disk of the state folder has no more than its reserve",
    );
  }
  for (const leftOut of rate.takeLeftOut(refusal.user)) await write("refusals", leftOut);
  await write("refusal", shortened(refusal));
}

async function writeLeftOut(rate: RefusalRate, write: Write): Promise<void> {
  for (const leftOut of rate.takeLeftOut()) await write("refusals", leftOut);
}

/** What a text, or a list, of a refusal may take: refusals cost their user nothing. */
const refusalRoom = 1024;

function subject(spec: JobSpec): object {
  return {
    user: spec.owner,
    uid: spec.uid,
    id: spec.id,
    name: spec.name,
    image: spec.image,
    command: cutTexts(spec.arguments, commandRoom),
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
  return Object.fromEntries(
    Object.entries(refusal).map(([key, value]: [string, string | readonly string[]]) => [
      key,
      typeof value === "string" ? cutText(value, refusalRoom) : cutTexts(value, refusalRoom),
    ]),
  );
}

function iso(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
