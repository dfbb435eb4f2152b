import type { Command } from "commander";
import type { ImageVariant } from "../family/image.ts";
import { readFamily } from "../family/read-family.ts";
import { referencesOf } from "../family/references.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command.option("--json", "images: name, kind, variant, parent, tags, layers, description");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const version = projectVersion(workspace.root);
  const images = (await readFamily(workspace.root)).map((image) => describeImage(image, workspace, version));
  const lines = images.map((image) => `${image.tags[0]}\n    ${image.description}\n`);
  workspace.stdout.write(options.json === true ? jsonText({ images }) : lines.join(""));
}

function describeImage(image: ImageVariant, workspace: Workspace, version: string) {
  return {
    name: image.name,
    kind: image.kind,
    variant: image.variant,
    parent: image.parent?.name ?? null,
    tags: referencesOf(image, workspace.site.registry.prefix, version).moving,
    layers: image.layers.map((layer) => layer.name),
    description: image.layer.description,
  };
}
