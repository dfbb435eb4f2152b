import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Distribution, distributions } from "@workstation/site";
import { z } from "zod";
import { writingTo } from "../workspace/file-fault.ts";

/** Committed: what images weighed when somebody last agreed to it, in bytes as a registry holds them (gzip). */
export const sizeTableFile = "images/sizes.json";

const steps = z.array(z.object({ made: z.string(), gzip: z.number() }));
const table = z.object({
  distribution: z.enum(distributions),
  images: z.record(z.string(), z.object({ gzip: z.number(), own: steps })),
});

/** What each image weighs by its id (`ubuntu-python (cuda)`), and the steps that it adds to its parent. */
export type SizeTable = z.infer<typeof table>;

/** The committed table; undefined where there is none. */
export function readSizeTable(root: string): SizeTable | undefined {
  const file = join(root, sizeTableFile);
  return existsSync(file) ? table.parse(JSON.parse(readFileSync(file, "utf8"))) : undefined;
}

/** Writes what was measured; images that are not on this machine keep their line, those of another distribution do not. */
export function writeSizeTable(
  root: string,
  distribution: Distribution,
  measured: SizeTable["images"],
): void {
  const before = readSizeTable(root);
  const kept = before?.distribution === distribution ? before.images : {};
  const images = Object.entries({ ...kept, ...measured }).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const text = `${JSON.stringify({ distribution, images: Object.fromEntries(images) }, null, 2)}\n`;
  const file = join(root, sizeTableFile);
  writingTo(file, () => writeFileSync(file, text));
}
