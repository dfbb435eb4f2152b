import { printable } from "@workstation/cli";

/** A cell of a table, and what is done to its text when its width was reckoned. */
export interface Cell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/** Rows as columns that line up, two blanks between them; without rows only the headings. */
export function formatTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cells = [headings.map((text): Cell => ({ text })), ...rows].map((row) => row.map(safeCell));
  const widths = headings.map((_, column) => Math.max(...cells.map((row) => row[column]?.text.length ?? 0)));
  return cells.map((row) => formatRow(row, widths)).join("");
}

/** Names and values below each other, the values in one column. */
export function formatPairs(pairs: readonly (readonly [string, string | undefined])[]): string {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${`${name}:`.padEnd(width + 1)}  ${cellText(value)}\n`).join("");
}

/** Text that a stranger wrote, in one line and unable to drive the terminal. */
export function cellText(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

function safeCell(cell: Cell): Cell {
  return { ...cell, text: cellText(cell.text) };
}

function formatRow(row: readonly Cell[], widths: readonly number[]): string {
  const padded = row.map(({ text, paint = asItIs }, column) => {
    const last = column === row.length - 1;
    return paint(text) + (last ? "" : " ".repeat(Math.max(0, (widths[column] ?? 0) - text.length)));
  });
  return `${padded.join("  ").trimEnd()}\n`;
}

function asItIs(text: string): string {
  return text;
}
