import { type DockerConnection, type ImageDetails, readFileSystem } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { assetsOf, missingAssetsOf, nameOf } from "../assets/asset-store.ts";
import { lineage } from "../family/lineage.ts";
import type { PlannedImage } from "../plan/plan.ts";
import { provenanceType, writeStatement } from "../provenance/statement.ts";
import type { Descriptor } from "../registry/referrers.ts";
import { billType, writeBill } from "../sbom/bill-of-materials.ts";
import type { Component } from "../sbom/component.ts";
import { readComponents } from "../sbom/read-components.ts";
import type { BuildFacts } from "./build-facts.ts";

/** A text about an image that is attached to it. */
export interface Document {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is published with an image: its bill of materials and its provenance. */
export async function describeImage(
  docker: DockerConnection,
  image: { readonly planned: PlannedImage; readonly details: ImageDetails; readonly config: Descriptor },
  published: { readonly subject: Descriptor; readonly name: string; readonly facts: BuildFacts },
): Promise<readonly Document[]> {
  const created = new Date(image.details.createdAt).toISOString();
  const annotations = { "org.opencontainers.image.created": created };
  const statement = writeStatement({
    planned: image.planned,
    subject: { name: published.name, digest: published.subject.digest },
    missingAssets: missingAssetsOf(image.details.labels),
    created,
    ...published.facts,
  });
  return [
    { mediaType: billType, bytes: await billOf(docker, image, created), annotations },
    { mediaType: provenanceType, bytes: statement, annotations },
  ];
}

async function billOf(
  docker: DockerConnection,
  { planned, details, config }: Parameters<typeof describeImage>[1],
  created: string,
): Promise<Buffer> {
  const labels = { [imageLabels.key]: planned.key };
  const found = await readFileSystem(docker, { reference: details.id, labels }, readComponents);
  const { image } = planned;
  const described = {
    name: image.name,
    version: details.labels["org.opencontainers.image.version"] ?? "",
    description: image.layer.description,
    digest: config.digest,
    created,
    properties: {
      [imageLabels.key]: planned.key,
      [imageLabels.variant]: image.variant,
      [imageLabels.distribution]: details.labels[imageLabels.distribution] ?? "",
    },
  };
  return writeBill(described, [...found, ...assetComponents(planned, missingAssetsOf(details.labels))]);
}

/** Third-party files do not say what they are; the layers do. */
function assetComponents(planned: PlannedImage, missing: readonly string[]): readonly Component[] {
  return lineage(planned.image)
    .flatMap(({ layer }) => assetsOf(layer))
    .filter((asset) => !missing.includes(nameOf(asset)))
    .map(({ name, version, sha256, url, to }) => ({
      type: "file" as const,
      name,
      version,
      sha256,
      url,
      ...(to.startsWith("/") ? { path: to } : {}),
    }));
}
