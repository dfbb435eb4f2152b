import { createHash } from "node:crypto";
import { parseImageReference, printImageReference } from "@workstation/cli";
import {
  type DockerConnection,
  type ImageDetails,
  inspectImage,
  listImages,
  pullImage,
} from "@workstation/docker";
import { type Distribution, distributions, imageLabels } from "@workstation/site";
import { readLocalState, writeLocalState } from "../workspace/local-state.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { madeBaseReference, makeBase } from "./make-base.ts";

/** The base that images are built on, on this machine. */
export interface Base {
  readonly distribution: Distribution;
  /** What FROM of the lowest layer names. */
  readonly reference: string;
  /** What identifies its content; undefined while it is not on this machine. */
  readonly identity: string | undefined;
}

/** What is made where the site's own base cannot be had. */
const substitute: Distribution = "debian-12";
const registryPatienceMs = 6_000;

/**
 * The base as things stand, without fetching or making anything: the site's own; else what this clone remembers, or
 * what the images of this engine stand on, which another clone built.
 */
export async function findBase(docker: DockerConnection, workspace: Workspace): Promise<Base> {
  const { distribution } = workspace.site.base;
  const reference = pulledReference(workspace, distribution);
  const pulled = await inspectImage(docker, reference);
  if (pulled !== undefined) return { distribution, reference, identity: identityOf(pulled) };
  const remembered = readLocalState(workspace.local).base?.distribution;
  const used = remembered ?? (await builtDistribution(docker, workspace)) ?? distribution;
  const made = await inspectImage(docker, madeBaseReference(used));
  if (made !== undefined) {
    return { distribution: used, reference: madeBaseReference(used), identity: identityOf(made) };
  }
  return { distribution, reference, identity: undefined };
}

async function builtDistribution(
  docker: DockerConnection,
  { site }: Workspace,
): Promise<Distribution | undefined> {
  const images = (await listImages(docker, imageLabels.distribution)).filter(
    ({ labels, tags }) =>
      labels[imageLabels.testRun] === undefined &&
      tags.some((tag) => tag.startsWith(`${site.registry.prefix}ubuntu-`)),
  );
  const [newest] = images.toSorted((a, b) => b.createdAt - a.createdAt);
  return distributions.find((each) => each === newest?.labels[imageLabels.distribution]);
}

/**
 * The base, fetched or made when it is not there: the site's own from its registry, which is tried for a few seconds;
 * else Debian 12 from its packages, which is then said, remembered in the local state, and labelled.
 */
export async function ensureBase(docker: DockerConnection, workspace: Workspace): Promise<Base> {
  const found = await findBase(docker, workspace);
  if (found.identity !== undefined) return found;
  const wanted = workspace.site.base.distribution;
  const problem = await tryPull(docker, workspace, wanted);
  if (problem === undefined) return findBase(docker, workspace);
  workspace.reporter.warn(
    `the base ${pulledReference(workspace, wanted)} cannot be had here (${problem}); ` +
      `${substitute} is made from its packages instead, and images say so in a label`,
  );
  writeLocalState(workspace.local, { base: { distribution: substitute, reason: problem } });
  const madeBefore = await findBase(docker, workspace);
  if (madeBefore.identity !== undefined) return madeBefore;
  await makeBase(docker, { distribution: substitute, signal: workspace.signal }, workspace.reporter);
  return findBase(docker, workspace);
}

async function tryPull(
  docker: DockerConnection,
  workspace: Workspace,
  distribution: Distribution,
): Promise<string | undefined> {
  const reference = pulledReference(workspace, distribution);
  try {
    await workspace.reporter.step(`Fetch the base image ${reference}`, () =>
      pullImage(docker, reference, { signal: workspace.signal, patienceMs: registryPatienceMs }),
    );
    return undefined;
  } catch (error) {
    workspace.signal.throwIfAborted();
    return (error as Error).message.split("\n")[0] ?? "";
  }
}

function pulledReference({ site }: Workspace, distribution: Distribution): string {
  const { reference, digest } = site.base.images[distribution];
  if (digest === null) return reference;
  return printImageReference({ name: parseImageReference(reference).name, digest });
}

/** Layers say what a base holds, wherever it was fetched or made. */
function identityOf(image: ImageDetails): string {
  return createHash("sha256").update(image.diffIds.join("\n")).digest("hex");
}
