import { exitCodes, formatBytes, formatTable } from "@workstation/cli";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import type { Distribution } from "@workstation/site";
import type { Command } from "commander";
import { findBase } from "../base/choose-base.ts";
import { type ImageVariant, imageId } from "../family/image.ts";
import { withAncestors } from "../family/lineage.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import type { Variant } from "../family/variants.ts";
import { type ImageSize, sizeOfImage } from "../size/image-size.ts";
import { sizeFaults } from "../size/size-gate.ts";
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
    .option("--json", "images: name, variant, target, gzip, zstd, plain, layers (bytes); faults");
  return run;
}

interface Measured extends ImageSize {
  readonly name: string;
  readonly variant: Variant;
  readonly target: number | null;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number> {
  const docker = await connectDocker();
  const weighed = await weighAll(docker, workspace, options.names);
  const { distribution } = await findBase(docker, workspace);
  if (options.write === true) writeSizeTable(workspace.root, distribution, tableOf(weighed));
  const faults = options.check === true ? check(workspace, distribution, weighed) : [];
  report(workspace, { measured: weighed.map(({ size }) => size), faults }, options);
  return faults.length === 0 ? exitCodes.ok : exitCodes.failure;
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
  const parentOf = (image: ImageVariant) =>
    image.parent === undefined ? undefined : known.get(image.parent);
  for (const image of withAncestors(chosen)) {
    const size = await measureOne(docker, workspace, { image, parent: parentOf(image) });
    if (size !== undefined) known.set(image, size);
    else if (chosen.includes(image)) workspace.reporter.warn(`${imageId(image)} is not on this machine`);
  }
  return chosen.flatMap((image) => {
    const size = known.get(image);
    return size === undefined ? [] : [{ image, size, parent: parentOf(image) }];
  });
}

async function measureOne(
  docker: DockerConnection,
  workspace: Workspace,
  { image, parent }: { readonly image: ImageVariant; readonly parent: Measured | undefined },
): Promise<Measured | undefined> {
  const references = referencesOf(image, workspace.site.registry.prefix, projectVersion(workspace.root));
  const details = await inspectImage(docker, references.moving[0] ?? references.repository);
  if (details === undefined) return undefined;
  const size = await workspace.reporter.step(
    `Measure ${imageId(image)} (up to four minutes the first time)`,
    () => sizeOfImage(docker, details, { cache: workspace.cache, parent }),
  );
  const target = image.layer.sizeLimits?.[image.variant] ?? null;
  return { name: image.name, variant: image.variant, target, ...size };
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

/** The table is of one distribution; on another only what layers say they may weigh is looked at. */
function check(
  workspace: Workspace,
  distribution: Distribution,
  weighed: readonly Weighed[],
): readonly string[] {
  const committed = readSizeTable(workspace.root);
  const table = committed?.distribution === distribution ? committed : undefined;
  const unknown = weighed.filter(({ image }) => table?.images[imageId(image)] === undefined);
  for (const { image } of unknown)
    workspace.reporter.warn(`${sizeTableFile} has no size of ${imageId(image)} on ${distribution}`);
  return weighed.flatMap((each) => {
    const now = { id: imageId(each.image), gzip: each.size.gzip, own: ownSteps(each) };
    const limit = each.size.target ?? undefined;
    return sizeFaults({ ...now, layer: each.image.layer.name, limit }, table);
  });
}

function report(
  workspace: Workspace,
  { measured, faults }: { readonly measured: readonly Measured[]; readonly faults: readonly string[] },
  options: GivenOptions,
): void {
  if (options.json === true) {
    workspace.stdout.write(jsonText({ images: measured, faults }));
    return;
  }
  const tables = options.check === true || options.write === true ? [] : measured.map(asTable);
  if (tables.length > 0) workspace.stdout.write(tables.join("\n"));
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
