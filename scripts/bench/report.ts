import { cpus, totalmem } from "node:os";
import { formatBytes } from "@workstation/cli";
import type { BenchRow } from "./row.ts";

/** The text of docs/performance.md. */
export function report(
  rows: readonly BenchRow[],
  facts: {
    readonly docker: string;
    readonly date: string;
    /** What is said of limits, which no measurement writes. */
    readonly limits: string;
  },
): string {
  const head = ["what", "here", "beside it, in the same run", "ratio", "target", "met"];
  const table = [head, head.map(() => "---"), ...rows.map(cells)].map(tableLine);
  const misses = rows.filter((row) => !row.met).map((row) => `- **${row.what}**: ${row.note}`);
  return `${[
    "# Performance",
    "",
    "Written by `npm run bench`. Every figure is a median of several runs, measured in turn with what it is compared to;",
    "ratios carry over to other machines, milliseconds do not.",
    "",
    `${facts.date}; ${cpus().length} cores, ${formatBytes(totalmem())} of memory, Node ${process.version}, Docker Engine ${facts.docker}.`,
    "",
    ...table,
    "",
    ...(misses.length === 0 ? ["No target is missed."] : ["## Missed targets", "", ...misses]),
    ...(facts.limits === "" ? [] : ["", facts.limits.trimEnd()]),
  ].join("\n")}\n`;
}

/** One row as a line of the table. */
export function rowLine(row: BenchRow): string {
  return `${tableLine(cells(row))}\n`;
}

function tableLine(row: readonly string[]): string {
  return `| ${row.join(" | ")} |`;
}

function cells(row: BenchRow): readonly string[] {
  return [row.what, row.ours, row.reference, row.ratio, row.target, row.met ? "yes" : "no"];
}
