import { type Cell, formatTable } from "@workstation/cli";
import type { Io } from "../io.ts";
import { type Paint, painter } from "./colour.ts";
import type { OutputFormat } from "./formats.ts";

/** What a command answers, in each shape that it can be written in. */
export interface Answer {
  /** The documented shape, for `json` and `yaml`; it names its version. */
  readonly data: { readonly apiVersion: "v1" };
  /** One a line, for `name`. */
  readonly names: readonly string[];
  /** For a person; `wide` has all columns. */
  readonly text: (style: Style) => string;
}

/** How a person wants to see it. */
export interface Style {
  readonly wide: boolean;
  readonly quiet: boolean;
  readonly paint: Paint;
}

/** Writes an answer to stdout in the chosen format. */
export async function printAnswer(
  to: { readonly io: Io; readonly format: OutputFormat | undefined; readonly quiet: boolean },
  answer: Answer,
): Promise<void> {
  const format = to.format ?? "table";
  if (format === "json") to.io.stdout.write(`${JSON.stringify(answer.data, null, 2)}\n`);
  else if (format === "yaml") to.io.stdout.write((await import("./yaml.ts")).formatYaml(answer.data));
  else if (format === "name") to.io.stdout.write(answer.names.map((name) => `${name}\n`).join(""));
  else to.io.stdout.write(answer.text({ wide: format === "wide", quiet: to.quiet, paint: painter(to.io) }));
}

/** A column of a table over `T`. */
export interface Column<T> {
  readonly heading: string;
  readonly cell: (row: T) => string;
  readonly wide?: boolean;
  readonly paint?: (text: string, row: T, paint: Paint) => string;
}

/** A table of rows; without rows the sentence `none`, for which `quiet` leaves nothing. */
export function tableText<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  style: Style & { readonly none: string },
): string {
  if (rows.length === 0) return style.quiet ? "" : `${style.none}\n`;
  const shown = columns.filter((column) => style.wide || column.wide !== true);
  const table = formatTable(
    shown.map((column) => column.heading),
    rows.map((row) => shown.map((column) => cellOf(row, column, style.paint))),
  );
  return style.quiet ? table.slice(table.indexOf("\n") + 1) : table;
}

function cellOf<T>(row: T, { cell, paint: paintCell }: Column<T>, paint: Paint): Cell {
  const text = cell(row);
  return paintCell === undefined ? { text } : { text, paint: (shown) => paintCell(shown, row, paint) };
}
