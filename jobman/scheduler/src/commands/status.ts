import { formatBytes, formatClock, formatTable, printable } from "@workstation/cli";
import type { SchedulerStatus } from "../status/admin-protocol.ts";
import { askStatus } from "./ask-scheduler.ts";
import type { PlaceOptions } from "./options.ts";
import type { Output } from "./output.ts";

/** `jobman-scheduler status` */
export async function runStatus(
  options: PlaceOptions & { readonly json?: boolean; readonly operator?: string },
  output: Output,
): Promise<void> {
  const status = await askStatus(options);
  output.data(options.json ? `${JSON.stringify(status, undefined, 2)}\n` : formatStatus(status));
}

/** The status as text for the operator. */
export function formatStatus(status: SchedulerStatus): string {
  const { machine } = status;
  const sections = [
    [
      `jobman-scheduler ${status.version}, instance ${status.instance}, engine ${status.engine}, process ${status.pid}, since ${status.startedAt}`,
      `machine: ${machine.cores} cores, ${formatBytes(machine.memoryBytes)}, ${machine.gpus} GPUs; users: ${status.users.length}; ended jobs kept: ${status.endedJobs}`,
      ...(status.leads === false
        ? ["this replica stands by: another one decides, and knows of its faults"]
        : []),
      ...(status.siteFile === undefined ? [] : [`site: ${printable(status.siteFile)}`]),
      "",
    ].join("\n"),
    flavorTable(status),
    notes(status),
    status.jobs.length === 0 ? "nobody waits or runs\n" : jobTable(status),
    list("problems", status.problems),
    list(
      "last faults",
      status.faults.map((fault) => `${fault.at} ${fault.where}: ${fault.message}`),
    ),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

function flavorTable(status: SchedulerStatus): string {
  const heading = ["FLAVOR", "SLOTS", "USABLE", "TAKEN", "WAITING", "CORES", "MEMORY"];
  const rows = status.flavors.map((flavor) => [
    flavor.name,
    String(flavor.slots),
    String(flavor.usableSlots),
    String(flavor.running),
    String(flavor.waiting),
    clamped(String(flavor.cores), String(flavor.promisedCores)),
    clamped(formatBytes(flavor.memoryBytes), formatBytes(flavor.promisedMemoryBytes)),
  ]);
  return formatTable(heading, rows);
}

function clamped(given: string, promised: string): string {
  return given === promised ? given : `${given} of ${promised}`;
}

function notes(status: SchedulerStatus): string {
  const lines = status.flavors.flatMap((flavor) =>
    flavor.note === undefined ? [] : [`${flavor.name}: ${printable(flavor.note)}`],
  );
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function jobTable(status: SchedulerStatus): string {
  const now = Date.now();
  const rows = status.jobs.map((job) => [
    job.owner,
    job.name,
    job.flavor,
    job.stopping ? `${job.state}, stopping` : job.state,
    job.position === undefined ? "-" : String(job.position),
    formatClock((now - Date.parse(job.startedAt ?? job.submittedAt)) / 1000),
    job.deadlineAt ?? job.latestStartAt ?? "-",
  ]);
  return formatTable(["USER", "JOB", "FLAVOR", "STATE", "PLACE", "FOR", "ENDS OR STARTS BY"], rows);
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}:\n${lines.map((line) => `  ${printable(line)}\n`).join("")}`;
}
