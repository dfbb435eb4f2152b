import { UserError } from "@workstation/cli";
import { type Distribution, imageLabels } from "@workstation/site";
import { publishedNames } from "../family/published-names.ts";
import { findPublished } from "../registry/find-published.ts";
import { logIn } from "../registry/log-in.ts";
import { findManifest, type Registry } from "../registry/registry.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { contentTag } from "./key.ts";
import type { PlannedImage } from "./plan.ts";

/** How long a plan waits for a registry that does not answer, once. */
const patienceMs = 3_000;

/**
 * What must be built and is published under its very key is pulled instead. A registry that does not answer is said
 * once, and the plan is as it would be without one.
 */
export async function offerPulls(
  plan: readonly PlannedImage[],
  workspace: Workspace,
  distribution: Distribution,
): Promise<readonly PlannedImage[]> {
  const { host } = workspace.site.registry;
  if (host === null || plan.every((planned) => planned.state !== "to build")) return plan;
  const signal = AbortSignal.any([workspace.signal, AbortSignal.timeout(2 * patienceMs)]);
  try {
    const { registry } = await logIn(host, { signal, patienceMs });
    const offered = plan.map((planned) => offerPull(planned, registry, { workspace, distribution }));
    return await Promise.all(offered).finally(registry.close);
  } catch (error) {
    workspace.signal.throwIfAborted();
    if (!(error instanceof UserError || signal.aborted)) throw error;
    const why = signal.aborted ? `the registry ${host} does not answer in time` : (error as Error).message;
    workspace.reporter.warn(`what is published is not known, and everything is built here: ${why}`);
    return plan;
  }
}

async function offerPull(
  planned: PlannedImage,
  registry: Registry,
  { workspace, distribution }: { readonly workspace: Workspace; readonly distribution: Distribution },
): Promise<PlannedImage> {
  const names = publishedNames(planned.image, workspace.site, distribution);
  if (planned.state !== "to build" || names === undefined) return planned;
  const found = await findPublished(registry, names.repository, {
    key: planned.key,
    tag: contentTag(planned.key),
  });
  if (found === undefined || (found.labels[imageLabels.readme] ?? "") !== planned.recipe.readme)
    return planned;
  const reference = `${names.name}@${found.manifest.digest}`;
  const tested = await findManifest(registry, names.repository, planned.tests.tag);
  const published = { reference, passed: tested?.digest === found.manifest.digest };
  return {
    ...planned,
    state: "to pull",
    published,
    reasons: [...planned.reasons, `published as ${reference}`],
  };
}
