import { UserError } from "@workstation/cli";
import type { ContainerLine } from "@workstation/docker";

/** A line's place: the engine's time of it, and which of the lines with that time it is, counted from 0. */
export interface Cursor {
  readonly time: string;
  readonly ordinal: number;
}

export type NumberedLine = ContainerLine & { readonly cursor: Cursor };

/** The opaque text of a place. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.time}/${cursor.ordinal}`;
}

/** Throws `CURSOR_INVALID`. */
export function parseCursor(text: string): Cursor {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)\/(\d{1,9})$/.exec(text);
  if (match?.[1] !== undefined && !Number.isNaN(Date.parse(match[1]))) {
    return { time: match[1], ordinal: Number(match[2]) };
  }
  throw new UserError("CURSOR_INVALID", `${JSON.stringify(text.slice(0, 80))} is no place in a log`, {
    hint: "use the cursor of a line that was received, unchanged",
  });
}

/** From where the engine is asked for lines: a little earlier, because lines of stdout and stderr can be swapped in time. */
export function sinceOf(cursor: Cursor): string {
  const milliseconds = Date.parse(cursor.time) - swapSpan;
  return `${new Date(milliseconds).toISOString().slice(0, -1)}000000Z`;
}

const swapSpan = 1_000;

/** Gives each line its place. Lines are read in the same order each time, so that places stay true. */
export async function* numberLines(lines: AsyncIterable<ContainerLine>): AsyncIterable<NumberedLine> {
  const recent = new Map<string, number>();
  for await (const line of lines) {
    const ordinal = (recent.get(line.time) ?? -1) + 1;
    recent.delete(line.time);
    recent.set(line.time, ordinal);
    if (recent.size > rememberedTimes) recent.delete(recent.keys().next().value ?? "");
    yield { ...line, cursor: { time: line.time, ordinal } };
  }
}

const rememberedTimes = 1_000;

/**
 * What comes behind `cursor`. When that line is no longer kept, because the log was rotated, everything that is
 * later than it.
 */
export async function* skipTo(
  lines: AsyncIterable<NumberedLine>,
  cursor: Cursor | undefined,
): AsyncIterable<NumberedLine> {
  let found = cursor === undefined;
  const later: NumberedLine[] = [];
  for await (const line of lines) {
    if (found || cursor === undefined) {
      yield line;
    } else if (formatCursor(line.cursor) === formatCursor(cursor)) {
      found = true;
    } else if (line.time > cursor.time) {
      later.push(line);
      if (!isMuchLater(line.time, cursor.time)) continue;
      found = true;
      yield* later;
    }
  }
  if (!found) yield* later;
}

function isMuchLater(time: string, than: string): boolean {
  return Date.parse(time) - Date.parse(than) > swapSpan;
}
