import { formatDuration, parseDuration } from "@workstation/cli";
import { connectDocker, type ImageSummary, imagesInUse, listImages, removeImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import type { Command } from "commander";
import { supersededContents } from "../builder/superseded.ts";
import { chooseImages } from "../family/read-family.ts";
import { readPlan } from "../plan/read-plan.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command
    .argument("[image...]", "images whose earlier builds are meant (default: all)")
    .option("--remove", "remove them; without it they are only listed")
    .option("--older-than <time>", "leave younger ones, which another build may still be testing", "1h")
    .option("--json", "contents: name, variant, references, created, removed");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<undefined> {
  const docker = await connectDocker();
  const now = Date.now();
  const plan = await readPlan(docker, workspace, { names: [] });
  const family = plan.map(({ image }) => image);
  const names = chooseImages(family, options.names).map(({ name }) => name);
  const contents = supersededContents(await listImages(docker, imageLabels.name), {
    prefix: workspace.site.registry.prefix,
    current: new Set(plan.map(({ content }) => content)),
    inUse: await imagesInUse(docker),
    before: now - parseDuration(String(options.olderThan)) * 1000,
  }).filter(({ labels }) => options.names.length === 0 || names.includes(labels[imageLabels.name] ?? ""));
  const remove = options.remove === true;
  for (const tag of remove ? contents.flatMap(({ tags }) => tags) : []) await removeImage(docker, tag);
  if (options.json === true)
    workspace.stdout.write(jsonText({ contents: contents.map((each) => asData(each, remove)) }));
  else report(workspace, contents, { remove, now });
}

function report(
  { stdout, reporter }: Workspace,
  contents: readonly ImageSummary[],
  { remove, now }: { readonly remove: boolean; readonly now: number },
): void {
  for (const { tags, createdAt } of contents)
    stdout.write(`${tags[0]}, made ${formatDuration((now - createdAt) / 1000)} ago\n`);
  if (contents.length === 0) reporter.info("there are no earlier builds that nothing needs");
  else if (remove)
    reporter.info(`removed: ${contents.length}; \`docker builder prune\` frees what builds have cached`);
  else reporter.info("nothing was removed: npm run images -- prune --remove");
}

function asData({ labels, tags, createdAt }: ImageSummary, removed: boolean) {
  return {
    name: labels[imageLabels.name],
    variant: labels[imageLabels.variant],
    references: tags,
    created: new Date(createdAt).toISOString(),
    removed,
  };
}
