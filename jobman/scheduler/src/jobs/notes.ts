import { formatBytes } from "@workstation/cli";
import type { JobRecord } from "../queue/index.ts";

/** What a job's owner should know beside how it ended; undefined where there is nothing. */
export function notesOf(record: JobRecord, memoryBytes: number): string[] | undefined {
  const notes = [
    ...(record.initError === undefined ? [] : [`init.sh failed: ${record.initError}`]),
    ...(record.memoryKilled === true
      ? [`a process of it was killed for memory (limit ${formatBytes(memoryBytes)})`]
      : []),
  ];
  return notes.length === 0 ? undefined : notes;
}
