import { exitCodes, formatBytes, formatTable } from "@workstation/cli";
import { connectDocker, type DockerConnection, type ImageDetails, inspectImage } from "@workstation/docker";
import type { Distribution } from "@workstation/site";
import type { Command } from "commander";
import { missingAssetsOf } from "../assets/asset-store.ts";
import { findBase } from "../base/choose-base.ts";
import { type ImageVariant, imageId } from "../family/image.ts";
import { withAncestors } from "../family/lineage.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import type { Variant } from "../family/variants.ts";
import { type ImageSize, sizeOfImage } from "../size/image-size.ts";
import { judgeSize, type SizeVerdict } from "../size/size-gate.ts";
import { sizeLimit } from "../size/size-limit.ts";
import { readSizeTable, sizeTableFile, writeSizeTable } from "../size/size-table.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument(
      "[image...]",
      "images to measure (default: all that are on this machine); the first time one to four minutes each, then remembered",
    )
    .option("--write", `write what they weigh into ${sizeTableFile}, which is committed`)
    .option("--check", "exit code 1 when one weighs more than its layer allows, or grew by 5 % or 50 MB")
    .option(
      "--json",
      "images: name, variant, target, gzip, zstd, plain, layers (bytes); with --check verdicts: name, variant, state, reasons",
    );
  return run;
}

interface Measured extends ImageSize {
  readonly name: string;
  readonly variant: Variant;
  /** What its layers say it may weigh; null: one does not. */
  readonly target: number | null;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number> {
  const docker = await connectDocker();
  const weighed = await weighAll(docker, workspace, options.names);
  const { distribution } = await findBase(docker, workspace);
  if (options.write === true) writeSizeTable(workspace.root, distribution, tableOf(weighed));
  const verdicts = options.check === true ? check(workspace, distribution, weighed) : [];
  report(workspace, { measured: weighed.map(({ size }) => size), verdicts }, options);
  return verdicts.some(({ state }) => state === "failed") ? exitCodes.failure : exitCodes.ok;
}

interface Weighed {
  readonly image: ImageVariant;
  readonly size: Measured;
  readonly parent: Measured | undefined;
}

/** Parents first: a child measures only what it adds. */
async function weighAll(
  docker: DockerConnection,
  workspace: Workspace,
  names: readonly string[],
): Promise<readonly Weighed[]> {
  const chosen = chooseImages(await readFamily(workspace.root), names);
  const known = new Map<ImageVariant, Measured>();
  const missing = new Map<ImageVariant, readonly string[]>();
  const parentOf = (image: ImageVariant) =>
    image.parent === undefined ? undefined : known.get(image.parent);
  for (const image of withAncestors(chosen)) {
    const details = await detailsOf(docker, workspace, image);
    if (details !== undefined) {
      missing.set(image, missingAssetsOf(details.labels));
      const size = await measureOne(docker, workspace, { image, details, parent: parentOf(image) });
      const target = sizeLimit(image, (each) => missing.get(each) ?? []) ?? null;
      known.set(image, { name: image.name, variant: image.variant, target, ...size });
    } else if (chosen.includes(image)) workspace.reporter.warn(`${imageId(image)} is not on this machine`);
  }
  return chosen.flatMap((image) => {
    const size = known.get(image);
    return size === undefined ? [] : [{ image, size, parent: parentOf(image) }];
  });
}

function detailsOf(
  docker: DockerConnection,
  { root, site }: Workspace,
  image: ImageVariant,
): Promise<ImageDetails | undefined> {
  const references = referencesOf(image, site.registry.prefix, projectVersion(root));
  return inspectImage(docker, references.moving[0] ?? references.repository);
}

function measureOne(
  docker: DockerConnection,
  { reporter, cache }: Workspace,
  given: {
    readonly image: ImageVariant;
    readonly details: ImageDetails;
    readonly parent: Measured | undefined;
  },
): Promise<ImageSize> {
  const { image, details, parent } = given;
  return reporter.step(`Measure ${imageId(image)} (up to four minutes the first time)`, () =>
    sizeOfImage(docker, details, { cache, parent }),
  );
}

/** The steps that an image adds to those of its parent. */
function ownSteps({ size, parent }: Weighed) {
  return size.layers.slice(parent?.layers.length ?? 0).map(({ made, gzip }) => ({ made, gzip }));
}

function tableOf(weighed: readonly Weighed[]) {
  return Object.fromEntries(
    weighed.map((each) => [imageId(each.image), { gzip: each.size.gzip, own: ownSteps(each) }]),
  );
}

interface ImageVerdict extends SizeVerdict {
  readonly name: string;
  readonly variant: Variant;
}

function check(
  workspace: Workspace,
  distribution: Distribution,
  weighed: readonly Weighed[],
): readonly ImageVerdict[] {
  const table = readSizeTable(workspace.root);
  return weighed.map((each) => {
    const { image, size } = each;
    const now = { id: imageId(image), layer: image.layer.name, gzip: size.gzip, own: ownSteps(each) };
    const verdict = judgeSize({ ...now, distribution, limit: size.target ?? undefined }, table);
    return { name: image.name, variant: image.variant, ...verdict };
  });
}

function report(
  workspace: Workspace,
  {
    measured,
    verdicts,
  }: { readonly measured: readonly Measured[]; readonly verdicts: readonly ImageVerdict[] },
  options: GivenOptions,
): void {
  if (options.json === true) {
    workspace.stdout.write(jsonText({ images: measured, verdicts }));
    return;
  }
  const tables = options.check === true || options.write === true ? [] : measured.map(asTable);
  if (tables.length > 0) workspace.stdout.write(tables.join("\n"));
  const reasonsOf = (wanted: SizeVerdict["state"]) =>
    verdicts.filter(({ state }) => state === wanted).flatMap(({ reasons }) => reasons);
  for (const reason of reasonsOf("skipped")) workspace.reporter.warn(reason);
  const faults = reasonsOf("failed");
  for (const fault of faults) workspace.stdout.write(`${fault}\n`);
  if (faults.length > 0) workspace.reporter.info("where that is meant: npm run images -- size --write");
}

function asTable(size: Measured): string {
  const target = size.target === null ? "" : `, target ${formatBytes(size.target)}`;
  const title = `${imageId(size)}: ${formatBytes(size.gzip)} gzip, ${formatBytes(size.zstd)} zstd${target}`;
  const rows = size.layers.map((layer) => [
    ...[layer.gzip, layer.zstd, layer.plain].map(formatBytes),
    layer.made,
  ]);
  return `${title}\n${formatTable(["gzip", "zstd", "plain", "step"], rows, (column) => column < 3)}`;
}
