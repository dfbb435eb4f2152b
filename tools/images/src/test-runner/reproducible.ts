import type { Reporter } from "@workstation/cli";
import { type DockerConnection, inspectImage, removeImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { readBuildMachine } from "../builder/build-machine.ts";
import { buildOne } from "../builder/build-one.ts";
import type { PlannedImage } from "../plan/plan.ts";

/** Two builds of the same inputs, layer by layer. */
export interface Comparison {
  /** How many layers each has. */
  readonly layers: number;
  /** One line for each layer that is not the same in both; empty: the image is reproducible. */
  readonly differences: readonly string[];
}

/** Builds an image twice without any cache and compares the hashes of its layers. What it built is removed. */
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
    return compareLayers(builds[0] ?? [], builds[1] ?? []);
  } finally {
    for (const tag of tags) await removeImage(docker, tag);
  }
}

/** Says which layers differ, counted from the lowest, which is 1. */
export function compareLayers(first: readonly string[], second: readonly string[]): Comparison {
  const count = Math.max(first.length, second.length);
  const differences = Array.from({ length: count }, (_, index) => index)
    .filter((index) => first[index] !== second[index])
    .map((index) => `layer ${index + 1}: ${first[index] ?? "missing"} and ${second[index] ?? "missing"}`);
  return { layers: first.length, differences };
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
