import { assetsOf, nameOf } from "../assets/asset-store.ts";
import type { PlannedImage } from "../plan/plan.ts";

export const provenanceType = "application/vnd.in-toto+json";

/** Who built an image, with what, from what. */
export interface Build {
  readonly planned: PlannedImage;
  readonly distribution: string;
  /** What is attested: where it is published, and the digest of its manifest. */
  readonly subject: { readonly name: string; readonly digest: string };
  readonly base: string;
  readonly source: Source | undefined;
  readonly builder: Builder;
  /** By the names that labels and plans use: they are not in the image. */
  readonly missingAssets: readonly string[];
  /** ISO 8601, of the image. */
  readonly created: string;
}

/** The commit that the project's folder stands on; `clean` is false where files differ from it. */
export interface Source {
  readonly commit: string;
  readonly uri: string;
  readonly clean: boolean;
}

/** The machine or service that built. */
export interface Builder {
  readonly id: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly invocation: string | undefined;
}

/**
 * An in-toto statement (v1) with a SLSA provenance (v1), build level 1: it says what was built, by what, from what, and is
 * not signed. Pure. Input hashes are those that the build key is made of.
 */
export function writeStatement(build: Build): Buffer {
  const { planned, builder } = build;
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: build.subject.name, digest: { sha256: build.subject.digest.replace("sha256:", "") } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType: "urn:workstation-images:build:v1",
        externalParameters: {
          image: planned.image.name,
          variant: planned.image.variant,
          distribution: build.distribution,
          platform: planned.platform,
        },
        internalParameters: { key: planned.key, recipeInputs: planned.recipe.inputs },
        resolvedDependencies: dependenciesOf(build),
      },
      runDetails: {
        builder: { id: builder.id, version: builder.versions },
        metadata: {
          ...(builder.invocation === undefined ? {} : { invocationId: builder.invocation }),
          finishedOn: build.created,
        },
      },
    },
  };
  return Buffer.from(`${JSON.stringify(statement)}\n`);
}

function dependenciesOf({ planned, base, source, missingAssets }: Build) {
  const { image, parentIdentity } = planned;
  const below =
    image.parent === undefined
      ? { name: "base", uri: `docker://${base}`, annotations: { layers: parentIdentity.identity } }
      : { name: "parent", uri: `docker://${planned.parent}`, annotations: { key: parentIdentity.identity } };
  const assets = assetsOf(image.layer).filter((asset) => !missingAssets.includes(nameOf(asset)));
  return [
    below,
    ...(source === undefined ? [] : [sourceDependency(source)]),
    ...assets.map((asset) => ({ name: asset.name, uri: asset.url, digest: { sha256: asset.sha256 } })),
  ];
}

function sourceDependency({ uri, commit, clean }: Source) {
  return { name: "source", uri, digest: { gitCommit: commit }, annotations: { clean } };
}
