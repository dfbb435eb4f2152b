import { formatBytes, formatDuration } from "@workstation/cli";
import type { Context } from "../context.ts";
import { type Column, printAnswer, tableText } from "../output/print.ts";
import type { Flavor, FlavorList } from "../protocol/index.ts";
import { routes } from "../protocol/routes.ts";

const columns: readonly Column<Flavor>[] = [
  { heading: "NAME", cell: (flavor) => flavor.name + (flavor.isDefault ? " (default)" : "") },
  { heading: "SLOTS", cell: (flavor) => given(flavor.usableSlots, flavor.slots, String) },
  { heading: "RUNNING", cell: (flavor) => String(flavor.running) },
  { heading: "WAITING", cell: (flavor) => String(flavor.waiting) },
  { heading: "CORES", cell: (flavor) => given(flavor.cores, flavor.promisedCores, String) },
  { heading: "MEMORY", cell: (flavor) => given(flavor.memoryBytes, flavor.promisedMemoryBytes, formatBytes) },
  { heading: "GPU", cell: (flavor) => gpuText(flavor) },
  { heading: "TIME LIMIT", cell: (flavor) => formatDuration(flavor.timeLimitSeconds) },
  { heading: "NOTE", cell: (flavor) => flavor.note ?? "" },
];

/** `jobman resources-flavors`: what a job can ask for. */
export async function run(context: Context): Promise<undefined> {
  const list = await context.api.call<FlavorList>("GET", routes.flavors);
  await printAnswer(context, {
    data: list,
    names: list.flavors.map((flavor) => flavor.name),
    text: (style) => tableText(list.flavors, columns, { ...style, none: "no flavors" }),
  });
}

/** What is there, and what the site promised where that is another figure. */
function given(here: number, promised: number, format: (value: number) => string): string {
  return here === promised ? format(here) : `${format(here)} of ${format(promised)}`;
}

function gpuText({ gpu }: Flavor): string {
  return gpu === undefined ? "-" : `${gpu.model} ${formatBytes(gpu.memoryBytes)}`;
}
