import type { Reporter } from "@workstation/cli";
import { type DockerConnection, inspectImage, removeImage, saveImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { readBuildMachine } from "../builder/build-machine.ts";
import { buildOne } from "../builder/build-one.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { entriesOfLayers, type LayerEntries } from "../saved-image/layer-entries.ts";
import {
  compareEntries,
  compareLayers,
  type FileDifference,
  type LayerDifference,
} from "./compare-layers.ts";

/** Two builds of the same inputs, layer by layer. */
export interface Comparison {
  /** How many layers each has. */
  readonly layers: number;
  /** Empty: the image is reproducible. */
  readonly differences: readonly DifferingLayer[];
}

/** No files: the layers differ in what no entry tells, such as their order or extended attributes. */
export type DifferingLayer = LayerDifference & { readonly files: readonly FileDifference[] };

/** Builds an image twice without any cache and compares what came of it. What it built is removed. */
export async function checkReproducible(
  docker: DockerConnection,
  planned: PlannedImage,
  options: { readonly signal: AbortSignal; readonly reporter: Reporter },
): Promise<Comparison> {
  const run = `reproducible-${process.pid}`;
  const tags = ["first", "second"].map((name) => `${planned.references.repository}:${run}-${name}`);
  try {
    const builds: (readonly string[])[] = [];
    for (const tag of tags) builds.push(await layersOfNewBuild(docker, planned, { ...options, tag, run }));
    const differences = compareLayers(builds[0] ?? [], builds[1] ?? []);
    if (differences.length > 0) options.reporter.progress("reading the layers that differ");
    return { layers: builds[0]?.length ?? 0, differences: await nameFiles(docker, tags, differences) };
  } finally {
    for (const tag of tags) await removeImage(docker, tag);
  }
}

/** One line for each layer that differs, and below it the first of its files. */
export function describeDifferences(differences: readonly DifferingLayer[]): readonly string[] {
  return differences.flatMap(({ layer, first, second, files }) => [
    `layer ${layer} differs: ${first ?? "missing"} and ${second ?? "missing"}`,
    ...files.slice(0, shown).map(({ path, differs }) => `  ${path}: ${differs.join(", ")}`),
    ...(files.length > shown ? [`  and ${files.length - shown} more`] : []),
    ...(files.length === 0 ? ["  in no file: the order of its entries, or their extended attributes"] : []),
  ]);
}

const shown = 5;

async function nameFiles(
  docker: DockerConnection,
  tags: readonly string[],
  differences: readonly LayerDifference[],
): Promise<readonly DifferingLayer[]> {
  if (differences.length === 0) return [];
  const wanted = new Set(differences.flatMap(({ first, second }) => [first ?? "", second ?? ""]));
  const [first, second] = [
    await entriesOfLayers(await saveImage(docker, tags[0] ?? ""), wanted),
    await entriesOfLayers(await saveImage(docker, tags[1] ?? ""), wanted),
  ];
  const none: LayerEntries = new Map();
  return differences.map((each) => ({
    ...each,
    files: compareEntries(first.get(each.first ?? "") ?? none, second.get(each.second ?? "") ?? none),
  }));
}

async function layersOfNewBuild(
  docker: DockerConnection,
  planned: PlannedImage,
  options: {
    readonly signal: AbortSignal;
    readonly reporter: Reporter;
    readonly tag: string;
    readonly run: string;
  },
): Promise<readonly string[]> {
  const id = await buildOne(docker, planned, {
    machine: readBuildMachine(process.env),
    signal: options.signal,
    noCache: true,
    labels: { [imageLabels.testRun]: options.run },
    reporter: options.reporter,
    tags: [options.tag],
  });
  const built = await inspectImage(docker, id);
  if (built === undefined) throw new Error(`${options.tag} vanished before its layers were read`);
  return built.diffIds;
}
