import { join } from "node:path";
import { exitCodes, UserError } from "@workstation/cli";
import { type DockerConnection, type ImageDetails, inspectImage } from "@workstation/docker";
import { type Distribution, imageLabels } from "@workstation/site";
import { imageId } from "../family/image.ts";
import { lineage } from "../family/lineage.ts";
import { publishedNames } from "../family/published-names.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { logIn } from "../registry/log-in.ts";
import { requireAccess } from "../registry/registry.ts";
import { openUploadMemory } from "../registry/upload-memory.ts";
import { sweepLayerStore } from "../saved-image/layer-store.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { readBuilder, readSource } from "./build-facts.ts";
import { describeRepository } from "./harbor.ts";
import { layersFolder } from "./pack-image.ts";
import { publishImage } from "./publish-image.ts";
import type { Publishable, Published, Workshop } from "./publishable.ts";

/** All that is to be published, and what it stands on. */
export interface PublishRequest {
  readonly images: readonly PlannedImage[];
  readonly distribution: Distribution;
  /** The base image's reference. */
  readonly base: string;
  readonly version: string;
  /** All that the images and what they stand on are made of, as recipes name it. */
  readonly inputs: readonly string[];
}

/**
 * The images of a plan as they can be published. Throws `NO_REGISTRY`, `NOT_PUBLISHABLE` (not built or not tested as the
 * files are now), `PUBLISH_DISTRIBUTION` (made on another distribution than the site names).
 */
export async function choosePublishable(
  docker: DockerConnection,
  workspace: Workspace,
  { images, distribution }: PublishRequest,
): Promise<readonly Publishable[]> {
  const found = await Promise.all(images.map(({ content }) => inspectImage(docker, content)));
  for (const [index, planned] of images.entries()) requireOwnDistribution(planned, found[index], workspace);
  const untested = images.filter(({ state }) => state !== "up to date");
  if (untested.length > 0) throw notPublishable(untested);
  const chosen: Publishable[] = [];
  for (const [index, planned] of images.entries()) {
    const details = found[index];
    const names = publishedNames(planned.image, workspace.site, distribution);
    if (details === undefined) throw notPublishable([planned]);
    if (names === undefined) throw noRegistry();
    const below = lineage(planned.image).map((each) => publishedNames(each, workspace.site, distribution));
    const siblings = below
      .flatMap((each) => each?.repository ?? [])
      .filter((each) => each !== names.repository);
    chosen.push({ planned, details, names, siblings: siblings.toReversed() });
  }
  return chosen;
}

/** Publishes images in their order, parents first; one that fails ends it, and what is published stays. */
export async function publishFamily(
  docker: DockerConnection,
  workspace: Workspace,
  work: {
    readonly request: PublishRequest;
    readonly images: readonly Publishable[];
    readonly done: (image: Publishable, published: Published) => void;
  },
): Promise<void> {
  const { request } = work;
  if (work.images.length === 0) return;
  const { registry } = await logIn(hostOf(workspace), { signal: lateStop(workspace.signal) });
  await requireAccess(registry);
  const folder = join(workspace.cache, "publish");
  sweepLayerStore(layersFolder(folder));
  const facts = {
    source: await tellSource(workspace, request),
    builder: await readBuilder(request.version),
    base: request.base,
    distribution: request.distribution,
  };
  const memory = openUploadMemory(join(folder, "uploads.json"));
  const shop: Omit<Workshop, "reporter"> = {
    docker,
    registry,
    memory,
    folder,
    facts,
    signal: workspace.signal,
  };
  for (const image of work.images) {
    workspace.signal.throwIfAborted();
    const title = `Publish ${imageId(image.planned.image)} as ${image.names.name}`;
    const published = await workspace.reporter.step(title, async (reporter) => {
      const result = await publishImage(image, { ...shop, reporter });
      await showReadme(image, { ...shop, reporter });
      return result;
    });
    work.done(image, published);
  }
  registry.close();
}

/** Sources that nobody else has are published without a revision, and that is said. */
async function tellSource({ root, reporter }: Workspace, { inputs }: PublishRequest) {
  const source = await readSource(root, inputs);
  const [first, ...others] = source?.changed ?? [];
  if (source !== undefined && first !== undefined) {
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    reporter.warn(
      `not in the commit ${source.commit.slice(0, 12)}: ${first}${more}; no revision is published`,
    );
  }
  return source;
}

/** The site's registry. Throws `NO_REGISTRY`. */
export function hostOf({ site }: Workspace): string {
  if (site.registry.host === null) throw noRegistry();
  return site.registry.host;
}

async function showReadme(image: Publishable, { registry, reporter }: Workshop): Promise<void> {
  const { repository } = image.names;
  const outcome = await describeRepository(registry, repository, image.planned.recipe.readme);
  if (outcome === "described") reporter.info(`its README is the description of ${repository}`);
  else if (outcome !== "not harbor") {
    reporter.warn(
      `its README does not show in Harbor: the account may not describe ${repository} (${outcome.refused})`,
    );
  }
}

/** After a stop, what is under way has a while to end well: a chunk that came whole need not be sent again. */
function lateStop(signal: AbortSignal): AbortSignal {
  const late = new AbortController();
  signal.addEventListener("abort", () => setTimeout(() => late.abort(signal.reason), 15_000).unref(), {
    once: true,
  });
  return late.signal;
}

/** Asked first: no build and no test here would mend it. */
function requireOwnDistribution(
  planned: PlannedImage,
  details: ImageDetails | undefined,
  { site }: Workspace,
): void {
  const wanted = site.base.distribution;
  const built = details?.labels[imageLabels.distribution];
  if (details === undefined || built === wanted) return;
  throw new UserError(
    "PUBLISH_DISTRIBUTION",
    `${imageId(planned.image)} was built on ${built}, because ${wanted} could not be had; it is not published under that name`,
    {
      hint: `build where ${wanted} can be fetched; or make ${built} the site's own (base.distribution in site.yaml)`,
      exitCode: exitCodes.notAllowed,
    },
  );
}

function notPublishable(images: readonly PlannedImage[]): UserError {
  const list = images.map(({ image, state }) => `${imageId(image)} (${state})`).join(", ");
  return new UserError("NOT_PUBLISHABLE", `only what has passed its tests is published: ${list}`, {
    hint: "npm run images -- build",
    exitCode: exitCodes.failure,
  });
}

function noRegistry(): UserError {
  return new UserError("NO_REGISTRY", "site.yaml names no registry to publish to: registry.host is null", {
    hint: "set registry.host, such as registry.example.org, and the projects below it",
  });
}
