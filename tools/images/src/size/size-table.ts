import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Distribution, distributions } from "@workstation/site";
import { z } from "zod";
import { writingTo } from "../workspace/file-fault.ts";

/** Committed: what images weighed when somebody last agreed to it, in bytes as a registry holds them (gzip). */
export const sizeTableFile = "images/sizes.json";

const steps = z.array(z.object({ made: z.string(), gzip: z.number() }));
const agreedSize = z.object({ gzip: z.number(), own: steps });
const sizes = z.record(z.string(), agreedSize);
const table = z.partialRecord(z.enum(distributions), sizes);

/** What an image weighs, and the steps that it adds to its parent. */
export type AgreedSize = z.infer<typeof agreedSize>;

/** The images of one distribution by their id (`ubuntu-python (cuda)`). */
export type DistributionSizes = z.infer<typeof sizes>;

/** The distributions that were measured, side by side. */
export type SizeTable = z.infer<typeof table>;

/** The committed table; empty where there is none. */
export function readSizeTable(root: string): SizeTable {
  const file = join(root, sizeTableFile);
  return existsSync(file) ? table.parse(JSON.parse(readFileSync(file, "utf8"))) : {};
}

/** What was measured on a distribution, or, where that never was, on another; undefined: nothing was. */
export function measuredSizes(
  sizeTable: SizeTable,
  wanted: Distribution,
): { readonly distribution: Distribution; readonly images: DistributionSizes } | undefined {
  const distribution = [wanted, ...distributions].find((each) => sizeTable[each] !== undefined);
  const images = distribution && sizeTable[distribution];
  return distribution === undefined || images === undefined ? undefined : { distribution, images };
}

/** Writes what was measured; images that are not on this machine keep their line, and so do other distributions. */
export function writeSizeTable(root: string, distribution: Distribution, measured: DistributionSizes): void {
  const before = readSizeTable(root);
  const images = sorted({ ...before[distribution], ...measured });
  const text = `${JSON.stringify(sorted({ ...before, [distribution]: images }), null, 2)}\n`;
  const file = join(root, sizeTableFile);
  writingTo(file, () => writeFileSync(file, text));
}

function sorted<T>(entries: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
