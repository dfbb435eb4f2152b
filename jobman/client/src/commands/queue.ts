import type { Context } from "../context.ts";
import { stateColour } from "../output/colour.ts";
import { optionalTime } from "../output/job-table.ts";
import { type Column, printAnswer, tableText } from "../output/print.ts";
import { formatTime } from "../output/time.ts";
import type { QueueTable } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

type Entry = QueueTable["queue"][number];

const columns: readonly Column<Entry>[] = [
  { heading: "FLAVOR", cell: (entry) => entry.flavor },
  { heading: "POSITION", cell: (entry) => String(entry.position ?? "-") },
  {
    heading: "STATE",
    cell: (entry) => entry.state,
    paint: (text, entry, paint) => paint(text, stateColour(entry.state)),
  },
  { heading: "YOUR JOB", cell: (entry) => (entry.mine ? (entry.name ?? "yes") : "-") },
  { heading: "SUBMITTED", cell: (entry) => formatTime(entry.submittedAt) },
  { heading: "EXPECTED START", cell: (entry) => optionalTime(entry.startedAt ?? entry.expectedStartAt) },
  { heading: "LATEST START", wide: true, cell: (entry) => optionalTime(entry.latestStartAt) },
];

/** `jobman queue`: who waits and runs; others' jobs have no names. */
export async function run(context: Context): Promise<undefined> {
  const table = await context.api.call<QueueTable>("GET", routes.queue);
  await printAnswer(context, {
    data: table,
    names: table.queue.flatMap((entry) => (entry.name === undefined ? [] : [entry.name])),
    text: (style) => tableText(table.queue, columns, { ...style, none: "nobody waits or runs" }),
  });
}
