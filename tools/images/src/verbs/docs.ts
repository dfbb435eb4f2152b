import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "@workstation/cli";
import type { Command } from "commander";
import { driftOf, type GeneratedFile, writeGenerated } from "../documents/generated-files.ts";
import { imageFacts } from "../documents/image-facts.ts";
import { fillReadme, writeImagesPage } from "../documents/images-page.ts";
import { imageId } from "../family/image.ts";
import { readFamily } from "../family/read-family.ts";
import { measuredSizes, readSizeTable } from "../size/size-table.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .option("--check", "change nothing; exit code 1 when a table is not as it must be")
    .option("--dry-run", "say which documents would change")
    .option("--json", "documents that differ: path, state");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number | undefined> {
  const files = await documents(workspace);
  const drift = driftOf(workspace.root, files);
  if (options.json === true) workspace.stdout.write(jsonText({ files: drift }));
  else for (const { path, state } of drift) workspace.stdout.write(`${state}: ${path}\n`);
  if (options.check === true) return drift.length === 0 ? exitCodes.ok : exitCodes.failure;
  if (options.dryRun !== true) writeGenerated(workspace.root, drift, files);
  return undefined;
}

/** The page of the guide, which is for those who use images, and the README's table of all. */
async function documents(workspace: Workspace): Promise<readonly GeneratedFile[]> {
  const { root, site } = workspace;
  const facts = { site, distribution: site.base.distribution, version: projectVersion(root) };
  const sizes = measuredSizes(readSizeTable(root), site.base.distribution);
  const images = imageFacts(await readFamily(root), facts, {
    root,
    gzipOf: (image) => sizes?.images[imageId(image)]?.gzip,
  });
  const forUsers = images.filter(({ kind }) => kind !== "service");
  const readme = join(root, "README.md");
  return [
    { path: "docs/guide/images.md", content: writeImagesPage(forUsers, sizes?.distribution) },
    ...(existsSync(readme)
      ? [
          {
            path: "README.md",
            content: fillReadme(readFileSync(readme, "utf8"), images, sizes?.distribution),
          },
        ]
      : []),
  ];
}
