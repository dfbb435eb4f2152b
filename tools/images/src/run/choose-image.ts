import { parseImageReference, UserError } from "@workstation/cli";
import { connectDocker, dockerAnswers, type ImageDetails, inspectImage } from "@workstation/docker";
import { imageLabels, type Site } from "@workstation/site";
import { type ImageVariant, imageArgument } from "../family/image.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import { projectVersion } from "../workspace/project-version.ts";

/** An image to start, and what it is. */
export interface ChosenImage {
  readonly reference: string;
  readonly kind: "batch" | "desktop";
  /** Made here: it has a home that any uid can write. */
  readonly family: boolean;
  /** The command that says whether a container of it can be used; undefined: none. */
  readonly health: readonly string[] | undefined;
}

/**
 * An image of the family by its name (`ubuntu-python:cuda`), else any that the engine has, by its reference.
 * It need not be built yet: `insistOnImage` asks that. Throws `IMAGE_UNKNOWN`, and `IMAGE_IS_NO_PLACE` for a program of the platform.
 */
export async function chooseImage(root: string, site: Site, name: string): Promise<ChosenImage> {
  const family = await readFamily(root);
  const ofFamily = family.some((image) => name === image.name || name === imageArgument(image));
  const there = ofFamily ? undefined : await lookAt(name);
  if (there !== undefined) return describe(name, there);
  const [image] = chooseImages(family, [name]);
  if (image === undefined) throw new Error("no image was chosen");
  const reference = referencesOf(image, site.registry.prefix, projectVersion(root)).moving[0] ?? name;
  const kind = kindToRun(image);
  const details = await lookAt(reference);
  if (details !== undefined) return { ...describe(reference, details), kind, family: true };
  return { reference, kind, family: true, health: undefined };
}

function kindToRun({ name, kind }: ImageVariant): ChosenImage["kind"] {
  if (kind !== "service") return kind;
  throw new UserError("IMAGE_IS_NO_PLACE", `${name} is a program of the platform: nobody works in it`, {
    hint: "images with a user and a shell: npm run images -- list",
  });
}

/** Throws `IMAGE_NOT_BUILT` for an image that the engine does not have. */
export async function insistOnImage({ reference }: ChosenImage): Promise<void> {
  if ((await inspectImage(await connectDocker(), reference)) !== undefined) return;
  throw new UserError("IMAGE_NOT_BUILT", `there is no image ${reference} on this machine`, {
    hint: `npm run images -- build ${shortName(reference)}`,
  });
}

/** The last part of an image's name: `ubuntu-python` of `mysite/ubuntu-python:latest`. */
export function shortName(reference: string): string {
  return parseImageReference(reference).name.split("/").at(-1) ?? reference;
}

async function lookAt(reference: string): Promise<ImageDetails | undefined> {
  if (!(await dockerAnswers()).ok) return undefined;
  return inspectImage(await connectDocker(), reference);
}

function describe(reference: string, image: ImageDetails): ChosenImage {
  return {
    reference,
    kind: image.environment.includes("WORKSTATION_KIND=desktop") ? "desktop" : "batch",
    family: image.labels[imageLabels.name] !== undefined,
    health: healthCommand(image.healthcheck),
  };
}

/** Docker's three forms of it (Engine API, `HealthConfig.Test`). */
function healthCommand(test: readonly string[] | undefined): readonly string[] | undefined {
  const [form, ...words] = test ?? [];
  if (form === "CMD" && words.length > 0) return words;
  return form === "CMD-SHELL" ? ["/bin/sh", "-c", ...words] : undefined;
}
