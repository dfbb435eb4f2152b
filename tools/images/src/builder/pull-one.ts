import { type DockerConnection, inspectImage, pullImage, removeImage, tagImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { imageId } from "../family/image.ts";
import type { PlannedImage } from "../plan/plan.ts";
import type { Workspace } from "../workspace/workspace.ts";

type Published = NonNullable<PlannedImage["published"]>;

const patienceMs = 30_000;

/**
 * Pulls an image that is published under its key, and gives it its content tag. False when there is nothing to pull, or
 * it could not be had: then it is built, and why is said.
 */
export async function pulled(
  docker: DockerConnection,
  workspace: Workspace,
  planned: PlannedImage,
): Promise<boolean> {
  const { published } = planned;
  if (planned.state !== "to pull" || published === undefined) return false;
  try {
    await workspace.reporter.step(`Pull ${imageId(planned.image)} as ${planned.content}`, () =>
      pull(docker, workspace, { planned, published }),
    );
    return true;
  } catch (error) {
    workspace.signal.throwIfAborted();
    workspace.reporter.warn(
      `${published.reference} cannot be pulled, so that it is built: ${(error as Error).message}`,
    );
    return false;
  }
}

async function pull(
  docker: DockerConnection,
  { signal }: Workspace,
  { planned, published }: { readonly planned: PlannedImage; readonly published: Published },
): Promise<void> {
  const { findCredentials } = await import("../registry/credentials.ts");
  const { reference, passed } = published;
  const login = await findCredentials(reference.split("/")[0] ?? "", { signal });
  await pullImage(docker, reference, { signal, patienceMs, ...(login && { login }) });
  const image = await inspectImage(docker, reference);
  if (image?.labels[imageLabels.key] !== planned.key) throw new Error("it carries another key");
  for (const tag of [planned.content, ...(passed ? [planned.proof] : [])])
    await tagImage(docker, image.id, tag);
  await removeImage(docker, reference);
}
