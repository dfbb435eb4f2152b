import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSite, type Site } from "@workstation/site";
import { projectPath } from "../../start/context.ts";

/** The site of the load: as ours, but for many flavors and caps that stop nobody. */
export interface BenchSite {
  readonly file: string;
  readonly site: Site;
}

export const flavorCount = 30;
export const slotsPerFlavor = 20;
/** Whose jobs they are, in turn. */
export const userCount = 100;

/** Writes it into `folder`. */
export function writeBenchSite(folder: string): BenchSite {
  const flavors = Array.from(
    { length: flavorCount },
    (_, index) =>
      `  - { name: ${flavorName(index)}, slots: ${slotsPerFlavor}, cores: 1, memory: 1GB, timeLimit: 8h }\n`,
  );
  const text = readFileSync(projectPath("site.yaml"), "utf8")
    .replace(/^flavors:[\s\S]*?(?=^limits:)/m, `flavors:\n${flavors.join("")}\n`)
    .replace(/maxActiveJobsPerUser: \d+/, "maxActiveJobsPerUser: 1000")
    .replace(/perUser: \d+/, "perUser: 10000")
    .replace("flavor: no-gpu", `flavor: ${flavorName(0)}`);
  const file = join(folder, "site.yaml");
  writeFileSync(file, text);
  return { file, site: loadSite(file) };
}

export function flavorName(index: number): string {
  return `flavor-${String(index % flavorCount).padStart(2, "0")}`;
}

export function userName(index: number): string {
  return `bench-${index % userCount}`;
}
