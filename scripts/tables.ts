import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, formatBytes, formatDuration, runCommand, UserError } from "@workstation/cli";
import { loadSite, type Site } from "@workstation/site";
import { fillChartValues } from "./chart-values.ts";
import { projectFolder } from "./setup/places.ts";

/** Files that repeat facts of site.yaml between their `generated` marks, and what belongs there. */
const documents: Readonly<Record<string, (text: string, site: Site) => string | Promise<string>>> = {
  "docs/guide/flavors.md": fillTables,
  "jobman/chart/values.yaml": fillChartValues,
};

const tables: Readonly<Record<string, (site: Site) => string>> = {
  flavors: flavorTable,
  limits: limitsTable,
};

/** Replaces what stands between `<!-- generated: NAME -->` and `<!-- end -->` by the table of that name. */
export function fillTables(text: string, site: Site): string {
  return text.replace(/(?<=<!-- generated: (\w+) -->\n)[\s\S]*?(?=<!-- end -->)/g, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) throw new UserError("TABLE_UNKNOWN", `there is no table "${name}"`);
    return `${table(site)}\n`;
  });
}

function flavorTable(site: Site): string {
  const rows = site.flavors
    .filter((flavor) => flavor.kind === "job")
    .map((flavor) => [
      flavor.name,
      String(flavor.slots),
      String(flavor.cores),
      formatBytes(flavor.memory),
      flavor.gpu === undefined ? "none" : `${flavor.gpu.model}, ${formatBytes(flavor.gpu.memory)}`,
      flavor.timeLimit === undefined ? "none" : formatDuration(flavor.timeLimit),
    ]);
  return markdownTable(["flavor", "slots", "cores", "memory", "GPU", "time limit"], rows);
}

function limitsTable(site: Site): string {
  return markdownTable(
    ["limit", "value"],
    [
      ["active jobs a user (waiting or running)", String(site.limits.maxActiveJobsPerUser)],
      ["`init.sh` may take", formatDuration(site.limits.initTimeout)],
      ["warning before the time limit", formatDuration(site.limits.warnBefore)],
      ["between TERM and KILL", formatDuration(site.limits.stopGrace)],
      ["processes of a job", String(site.limits.pids)],
      [
        "ended jobs are kept",
        `${formatDuration(site.retention.endedJobs)}, at most ${site.retention.perUser} a user`,
      ],
    ],
  );
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

async function main(argv: readonly string[]): Promise<number> {
  const site = loadSite(join(projectFolder, "site.yaml"));
  const checking = argv.includes("--check");
  const stale: string[] = [];
  for (const [file, fill] of Object.entries(documents)) {
    const path = join(projectFolder, file);
    const text = readFileSync(path, "utf8");
    const filled = await fill(text, site);
    if (filled === text) continue;
    stale.push(file);
    if (!checking) writeFileSync(path, filled);
  }
  for (const file of stale)
    process.stderr.write(`${file}: ${checking ? "differs from site.yaml" : "written"}\n`);
  return checking && stale.length > 0 ? exitCodes.failure : exitCodes.ok;
}

if (import.meta.main) process.exitCode = await runCommand(() => main(process.argv.slice(2)), process.stderr);
