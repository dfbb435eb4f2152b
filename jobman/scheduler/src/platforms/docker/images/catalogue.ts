import { parseImageReference, printImageReference, tagOf, usualTag } from "@workstation/cli";
import { ask, type DockerConnection, type ImageSummary, listImages } from "@workstation/docker";
import { imageLabels, passedTestsTag, type Site } from "@workstation/site";
import { cacheList } from "../../cached-list.ts";
import { catalogueOf } from "../../catalogue-of.ts";
import type { CatalogueImage, ImageCatalogue } from "../../engine.ts";

/** The images on this machine that have a name, with whether the site allows them for jobs. */
export function createImageCatalogue(docker: DockerConnection, site: Site): ImageCatalogue {
  const list = async (): Promise<readonly CatalogueImage[]> => {
    const images = await ask(() => listImages(docker));
    return images.flatMap((image) => describe(image, site));
  };
  return catalogueOf(
    cacheList(list, () => performance.now()),
    site,
  );
}

/** One entry a name: an image that has several names can be allowed under one and not under another. */
function describe(image: ImageSummary, site: Site): readonly CatalogueImage[] {
  const ofFamily = image.labels[imageLabels.name] !== undefined;
  const tags = image.tags.filter((tag) => !ofFamily || !saysWhatPassed(tag));
  const repositories = Map.groupBy(tags, (tag) => parseImageReference(tag).name);
  return [...repositories].map(([repository, references]) => ({
    name: nameOf(image, repository, site),
    tags: references.map((reference) => reference.slice(repository.length + 1)),
    reference: references[0] ?? repository,
    sizeBytes: image.size,
    createdAt: image.createdAt,
    labels: image.labels,
    allowed: isAllowed(image, references, site),
  }));
}

function saysWhatPassed(reference: string): boolean {
  return tagOf(reference).startsWith(passedTestsTag);
}

/** Family images are called as in the table, without the site's prefix. */
function nameOf(image: ImageSummary, repository: string, site: Site): string {
  const prefix = site.registry.prefix;
  const ours = isFamily(image) && prefix !== "" && repository.startsWith(prefix);
  return ours ? repository.slice(prefix.length) : repository;
}

/** `name` alone in site.yaml means its tag `latest`, as everywhere in Docker. */
function isAllowed(image: ImageSummary, references: readonly string[], site: Site): boolean {
  if (isFamily(image) && site.images.allowed.includes("family")) return true;
  const named = site.images.allowed.map((each) =>
    printImageReference({ tag: usualTag, ...parseImageReference(each) }),
  );
  return references.some((reference) => named.includes(reference));
}

/** Images of a test run carry their names too, as do programs of the platform, and are nobody's to use. */
function isFamily({ labels }: ImageSummary): boolean {
  const forUsers = labels[imageLabels.kind] !== "service" && labels[imageLabels.testRun] === undefined;
  return labels[imageLabels.name] !== undefined && forUsers;
}
