import type { Background } from "../diagnostics/background.ts";
import type { FaultLog } from "../diagnostics/fault-log.ts";
import type { LineSink } from "../files/line-sink.ts";
import type { Reserve } from "../files/reserve.ts";
import { openAuditLog } from "./audit-log.ts";
import { openJournal } from "./journal.ts";
import { createMemory, remember } from "./memory.ts";
import { createRecords, type Records } from "./records.ts";

/** Opens or makes what the records are kept in and reads it. Throws when one of the two cannot be used. */
export async function openRecords(
  sinks: { readonly journal: LineSink; readonly audit: LineSink },
  parts: {
    readonly background: Background;
    readonly faults: FaultLog;
    readonly reserve: Reserve;
    readonly now: () => number;
    readonly wake: () => void;
    readonly keepsRecords: boolean;
  },
): Promise<Records> {
  const memory = createMemory();
  const { journal, damaged } = await openJournal(sinks.journal, (entry) => remember(memory, entry));
  if (damaged > 0)
    parts.faults.note("journal", `${damaged} lines of ${sinks.journal.name} could not be read`);
  const onFault = (error: unknown): void => parts.faults.note("audit", error);
  const audit = await openAuditLog(sinks.audit, { now: parts.now, reserve: parts.reserve, onFault });
  return createRecords({ ...parts, journal, audit }, memory);
}
