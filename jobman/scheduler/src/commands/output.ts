import { printable } from "@workstation/cli";

/** Where a command writes: data for programs, notes for people. */
export interface Output {
  data(text: string): void;
  note(line: string): void;
}

/** Rows as a table whose columns align; the first row is the heading. */
export function formatRows(texts: readonly (readonly string[])[]): string {
  const rows = texts.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return `${rows.map(line).join("\n")}\n`;
}
