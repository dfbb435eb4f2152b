import { formatBytes } from "@workstation/cli";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import type { Command } from "commander";
import { type ImageVariant, imageId } from "../family/image.ts";
import { chooseImages, readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import type { Variant } from "../family/variants.ts";
import { projectVersion } from "../plan/read-plan.ts";
import { type ImageSize, sizeOfImage } from "../size/image-size.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images to measure (default: all that are on this machine)")
    .option("--json", "images: name, variant, target, gzip, zstd, plain, layers (bytes)");
  return run;
}

interface Measured extends ImageSize {
  readonly name: string;
  readonly variant: Variant;
  readonly target: number | null;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const docker = await connectDocker();
  const measured: Measured[] = [];
  for (const image of chooseImages(await readFamily(workspace.root), options.names)) {
    const size = await measureOne(docker, workspace, image);
    if (size === undefined) workspace.reporter.warn(`${imageId(image)} is not on this machine`);
    else measured.push(size);
  }
  if (options.json === true) workspace.stdout.write(jsonText({ images: measured }));
  else if (measured.length > 0) workspace.stdout.write(`${measured.map(asTable).join("\n\n")}\n`);
}

async function measureOne(
  docker: DockerConnection,
  workspace: Workspace,
  image: ImageVariant,
): Promise<Measured | undefined> {
  const references = referencesOf(image, workspace.site.registry.prefix, projectVersion(workspace.root));
  const details = await inspectImage(docker, references.moving[0] ?? references.repository);
  if (details === undefined) return undefined;
  const size = await workspace.reporter.step(`Measure ${imageId(image)}`, () =>
    sizeOfImage(docker, details, workspace.local),
  );
  const target = image.layer.sizeLimits?.[image.variant] ?? null;
  return { name: image.name, variant: image.variant, target, ...size };
}

function asTable(size: Measured): string {
  const target = size.target === null ? "" : `, target ${formatBytes(size.target)}`;
  const title = `${imageId(size)}: ${formatBytes(size.gzip)} gzip, ${formatBytes(size.zstd)} zstd${target}`;
  const rows = size.layers.map((layer) =>
    [formatBytes(layer.gzip), formatBytes(layer.zstd), formatBytes(layer.plain)]
      .map((cell) => cell.padStart(9))
      .concat(`  ${layer.made}`)
      .join(""),
  );
  return [title, "     gzip     zstd    plain  step", ...rows].join("\n");
}
