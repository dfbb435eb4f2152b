import { UserError } from "@workstation/cli";

export type StreamName = "stdout" | "stderr";

/** A place in a job's whole output, what is not kept any more included: all that came before it. */
export interface Position {
  readonly stdout: number;
  readonly stderr: number;
  /** Line ends. */
  readonly lines: number;
  /** Places where output is missing: two places can differ in nothing else. */
  readonly gaps: number;
}

export const beginning: Position = { stdout: 0, stderr: 0, lines: 0, gaps: 0 };

/** A place as a reader names it. */
export interface Cursor {
  readonly bytes: number;
  readonly lines: number;
  readonly gaps: number;
}

export function cursorAt({ stdout, stderr, lines, gaps }: Position): Cursor {
  return { bytes: stdout + stderr, lines, gaps };
}

/** True when `a` stands before `b`. */
export function isBefore(a: Cursor, b: Cursor): boolean {
  return a.bytes < b.bytes || (a.bytes === b.bytes && a.gaps < b.gaps);
}

/** The opaque text of a place. */
export function formatCursor({ bytes, lines, gaps }: Cursor): string {
  return `${bytes}.${lines}.${gaps}`;
}

/** Throws `CURSOR_INVALID`. */
export function parseCursor(text: string): Cursor {
  const match = /^(\d{1,15})\.(\d{1,15})\.(\d{1,9})$/.exec(text);
  if (match !== null) return { bytes: Number(match[1]), lines: Number(match[2]), gaps: Number(match[3]) };
  throw new UserError("CURSOR_INVALID", `${JSON.stringify(text.slice(0, 80))} is no place in a log`, {
    hint: "use the cursor of a piece that was received, unchanged",
  });
}

/** The file that begins at a place: what was deleted before it can be told from its name alone. */
export function segmentName({ stdout, stderr, lines, gaps }: Position): string {
  return `${stdout}-${stderr}-${lines}-${gaps}.frames`;
}

/** Undefined for a file that is no segment. */
export function parseSegmentName(name: string): Position | undefined {
  const match = /^(\d{1,15})-(\d{1,15})-(\d{1,15})-(\d{1,9})\.frames$/.exec(name);
  if (match === null) return undefined;
  const [stdout = 0, stderr = 0, lines = 0, gaps = 0] = match.slice(1).map(Number);
  return { stdout, stderr, lines, gaps };
}

const lineEnd = 10;

export function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let index = 0; index < bytes.length; index += 1) if (bytes[index] === lineEnd) lines += 1;
  return lines;
}
