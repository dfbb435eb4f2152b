import { parseImageReference, printImageReference } from "@workstation/cli";
import { imageLabels } from "@workstation/site";
import type { ImageVariant } from "../family/image.ts";
import type { Layer } from "../family/layer.ts";
import { ownIndex } from "../family/own-index.ts";
import { suffixOf } from "../family/variants.ts";
import { bringsUv, type LayerInputs } from "./layer-inputs.ts";
import type { SiteFacts } from "./site-facts.ts";
import { accountStep, authoritiesStep } from "./steps/account.ts";
import { filesStep } from "./steps/files.ts";
import { packagesStep } from "./steps/packages.ts";
import { installerStage, requirementsStep, toolsStep } from "./steps/python.ts";
import { setupStep } from "./steps/setup.ts";
import { builtStages } from "./steps/stages.ts";
import type { Step } from "./steps/step.ts";

/** The Dockerfile of an image, in the order that repeats the least: packages, Python, files, settings. */
export function writeDockerfile(image: ImageVariant, inputs: LayerInputs, facts: SiteFacts): string {
  const { layer } = image;
  const brings = bringsUv(image, inputs);
  const packages = packagesStep(layer, facts);
  const steps = [
    accountOf(image, facts),
    inputs.tools === undefined ? undefined : toolsStep(layer, brings),
    layer.python ? requirementsStep(layer, { uvIsBorrowed: brings, index: ownIndex(image) }) : undefined,
    hasFiles(layer, inputs) ? filesStep(layer) : undefined,
    inputs.setup === undefined ? undefined : setupStep(),
  ].filter((step) => step !== undefined);
  const stages = [...(brings ? [installerStage()] : []), ...builtStages(layer, facts.distribution)];
  const mounted = [packages, ...stages, ...steps].flatMap((step) => (step === undefined ? [] : step.copies));
  return `${[
    header(image, facts),
    ["FROM scratch AS build", ...mounted.map((copy) => `COPY ${copy}`)].join("\n"),
    ["FROM $PARENT AS packages", ...asRoot(image), ...(packages?.lines ?? [])].join("\n"),
    ...stages.map((stage) => stage.lines.join("\n")),
    ...lastStages(layer, { steps, settings: settings(image, facts) }),
  ].join("\n\n")}\n`;
}

/** Of a program of the platform only what it keeps is the image; what it was made in stays behind. */
function lastStages(
  { keeps }: Layer,
  { steps, settings }: { readonly steps: readonly Step[]; readonly settings: readonly string[] },
): readonly string[] {
  const made = steps.flatMap((step) => step.lines);
  if (keeps === undefined) return [["FROM packages", ...made, ...settings].join("\n")];
  return [
    ["FROM packages AS made", ...made].join("\n"),
    ["FROM scratch", `COPY --from=made ${keeps.folder}/ /`, ...settings].join("\n"),
  ];
}

function accountOf({ parent, layer }: ImageVariant, { site }: SiteFacts): Step | undefined {
  if (layer.keeps !== undefined) return authoritiesStep(site);
  return parent === undefined ? accountStep(site) : undefined;
}

/** Whether an asset could be fetched does not change the recipe. */
function hasFiles(layer: Layer, inputs: LayerInputs): boolean {
  return inputs.files.length + layer.assets.length + layer.stages.length > 0;
}

/** A parent leaves its user behind; the base is root's already. */
function asRoot(image: ImageVariant): readonly string[] {
  return image.parent === undefined
    ? []
    : ["# hadolint ignore=DL3002 # the image itself ends with its user", "USER 0"];
}

function header(image: ImageVariant, facts: SiteFacts): string {
  return [
    `# Made by \`images generate\` from images/${image.layer.name}/layer.ts and site.yaml: change those, not this.`,
    "# Builds with BuildKit in the folder that `images generate --context` writes.",
    `ARG PARENT=${defaultParent(image, facts)}`,
  ].join("\n");
}

function defaultParent(image: ImageVariant, facts: SiteFacts): string {
  if (image.parent !== undefined) {
    return `${facts.site.registry.prefix}${image.parent.name}:latest${suffixOf(image.parent.variant)}`;
  }
  const base = facts.site.base.images[facts.distribution];
  if (base.digest === null) return base.reference;
  return printImageReference({ ...parseImageReference(base.reference), digest: base.digest });
}

function settings(image: ImageVariant, facts: SiteFacts): readonly string[] {
  const { layer } = image;
  const user = layer.keeps ?? facts.site.user;
  const home = layer.keeps === undefined ? `/home/${facts.site.user.name}` : "/";
  const begins = image.parent === undefined && layer.keeps === undefined;
  const environment = { ...(begins ? { HOME: home } : {}), ...layer.environment };
  return [
    ...instruction("ENV", Object.entries(environment), "="),
    ...(layer.ports.length === 0 ? [] : [`EXPOSE ${layer.ports.join(" ")}`]),
    ...healthcheck(image),
    ...instruction("LABEL", Object.entries(labels(image, facts)), "="),
    `WORKDIR ${home}`,
    `USER ${user.uid}:${user.gid}`,
    ...(layer.entrypoint === undefined ? [] : [`ENTRYPOINT ${JSON.stringify(layer.entrypoint)}`]),
    ...(layer.command === undefined ? [] : [`CMD ${JSON.stringify(layer.command)}`]),
  ];
}

/** Failures in it do not count. */
export const healthStartSeconds = 60;

/** Engines from 25 on look every five seconds at a container that starts. */
function healthcheck({ layer }: ImageVariant): readonly string[] {
  if (layer.healthcheck === undefined) return [];
  const { command, intervalSeconds } = layer.healthcheck;
  return [
    `HEALTHCHECK --interval=${intervalSeconds}s --timeout=10s --start-period=${healthStartSeconds}s CMD ${JSON.stringify(command)}`,
  ];
}

function labels(image: ImageVariant, facts: SiteFacts): Readonly<Record<string, string>> {
  return {
    "org.opencontainers.image.title": image.name,
    "org.opencontainers.image.description": image.layer.description,
    "org.opencontainers.image.version": facts.version,
    "org.opencontainers.image.licenses": "Apache-2.0",
    [imageLabels.name]: image.name,
    [imageLabels.kind]: image.kind,
    [imageLabels.variant]: image.variant,
    [imageLabels.layers]: image.layers.map((layer) => layer.name).join(" "),
    [imageLabels.distribution]: facts.distribution,
  };
}

function instruction(
  keyword: string,
  pairs: readonly (readonly [string, string])[],
  sign: string,
): readonly string[] {
  if (pairs.length === 0) return [];
  const written = pairs.map(
    ([name, value]) => `${name}${sign}${JSON.stringify(value).replaceAll("$", "\\$")}`,
  );
  return [`${keyword} ${written.join(" \\\n      ")}`];
}
