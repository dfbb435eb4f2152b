import { printable } from "./redact.ts";

/** A cell of a table, and what is done to its text when its width was reckoned. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/**
 * Rows as columns that line up, two blanks between them; without rows only the headings. `toTheRight` says which columns
 * (from 0) hold figures.
 */
export function formatTable(
  headings: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  toTheRight: (column: number) => boolean = () => false,
): string {
  const cells = [headings, ...rows].map((row) => row.map(safeCell));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
  const formatRow = (row: readonly Cell[]): string => {
    const padded = row.map(({ text, paint = asItIs }, column) => {
      const blanks = " ".repeat(Math.max(0, (widths[column] ?? 0) - text.length));
      return toTheRight(column) ? blanks + paint(text) : paint(text) + blanks;
    });
    return `${padded.join("  ").trimEnd()}\n`;
  };
  return cells.map(formatRow).join("");
}

/** Text that a stranger wrote, in one line and unable to drive the terminal. */
export function cellText(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

function safeCell(cell: string | Cell): Cell {
  return typeof cell === "string" ? { text: cellText(cell) } : { ...cell, text: cellText(cell.text) };
}

function asItIs(text: string): string {
  return text;
}
