import type { DockerConnection } from "@workstation/docker";
import { assetsOf } from "../assets/asset-store.ts";
import { fetchAssets } from "../assets/fetch-assets.ts";
import { type Base, ensureBase } from "../base/choose-base.ts";
import { withAncestors } from "../family/lineage.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { requirePlatform } from "../plan/require-platform.ts";
import type { Workspace } from "../workspace/workspace.ts";

/**
 * Brings to this machine what the named images are built from before a plan looks at it: the base, which is returned, and
 * third-party files, and what layers make of the project's sources. An asset that cannot be had is said and is no error. Throws
 * `ENGINE_PLATFORM` before anything is fetched.
 */
export async function prepareBuild(
  docker: DockerConnection,
  workspace: Workspace,
  names: readonly string[],
): Promise<Base> {
  await requirePlatform(docker);
  const base = await ensureBase(docker, workspace);
  const images = withAncestors(chooseImages(await readFamily(workspace.root), names));
  const assets = images.flatMap((image) => assetsOf(image.layer));
  await fetchAssets(assets, workspace);
  for (const layer of new Set(images.map((image) => image.layer))) layer.prepare?.();
  return base;
}
