import type { Distribution } from "@workstation/site";
import type { Layer } from "../../family/layer.ts";
import type { SiteFacts } from "../site-facts.ts";
import { indented, runStep, type Step } from "./step.ts";

/** Distributions keep one version of a package and replace it by its security fix: a pin would break builds, or withhold fixes. */
export const unpinned = "DL3008 # security fixes must come in; a site pins by naming a snapshot";

/** Installs a layer's packages; undefined when it has none. */
export function packagesStep(layer: Layer, facts: SiteFacts): Step | undefined {
  const packages = layer.apt[facts.distribution];
  if (packages.length === 0) return undefined;
  return runStep("packages", {
    exemption: unpinned,
    mounts: packageCaches(facts.distribution),
    commands: [
      ...pinnedArchive(facts),
      "keep_no_documentation",
      "keep_package_cache",
      ...installPackages(packages),
      "rm -f /usr/lib/python3*/EXTERNALLY-MANAGED",
      ...(layer.unusedFiles ?? []).map((pattern) => `rm -rf ${pattern}`),
      "drop_setuid",
    ],
  });
}

/** Commands that install packages without keeping them. apt's own lock is enough: the caches are shared. */
export function installPackages(packages: readonly string[]): readonly string[] {
  return [
    `apt-get update -qq ${patience}`,
    `apt-get install -y -qq ${patience} --no-install-recommends${indented(packages.toSorted())}`,
  ];
}

/** A name server or mirror that fails for a moment fails no build. */
const patience = "-o Acquire::Retries=5";

/** The package caches outlive a build, and are no part of the image. */
export function packageCaches(distribution: Distribution): readonly string[] {
  return ["/var/cache/apt", "/var/lib/apt/lists"].map(
    (target) => `type=cache,id=${distribution}${target.replaceAll("/", "-")},target=${target},sharing=locked`,
  );
}

/** apt stays unpinned unless the site names a snapshot of its distribution's archive. */
function pinnedArchive({ site, distribution }: SiteFacts): readonly string[] {
  if (site.base.aptSnapshot === null) return [];
  return [`use_snapshot ${distribution} ${site.base.aptSnapshot}`];
}
