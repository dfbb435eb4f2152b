import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createReporter, formatDuration } from "@workstation/cli";
import { connectDocker, type DockerConnection, listImages, removeImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { $ } from "zx/core";
import { main } from "../../tools/images/src/cli.ts";
import { imageId } from "../../tools/images/src/family/image.ts";
import type { PlannedImage } from "../../tools/images/src/plan/plan.ts";
import { readPlan } from "../../tools/images/src/plan/read-plan.ts";
import { openWorkspace } from "../../tools/images/src/workspace/workspace.ts";
import { projectFolder } from "../setup/places.ts";
import { projectPath } from "../start/context.ts";
import { buildsByHand } from "./by-hand.ts";
import { dockerClient } from "./docker-client.ts";
import type { BenchRow } from "./row.ts";

/** A copy of the project, whose images have names of their own: files may be changed in it. */
interface Copy {
  readonly root: string;
  /** Put before the name of each of its images. */
  readonly prefix: string;
  readonly docker: DockerConnection;
  readonly byHand: Awaited<ReturnType<typeof dockerClient>>;
}

/** One changed file in each layer: what is built anew, and how long it takes beside `docker build` of the same. */
export async function* benchChangedFiles(): AsyncIterable<BenchRow> {
  const copy = await makeCopy();
  try {
    await images(copy.root, ["build", "--no-test"]);
    for (const planned of await imagesOfLayers(copy)) yield await changeOne(copy, planned);
  } finally {
    await removeCopy(copy);
  }
}

/** The whole family without any cached step, beside `docker build --no-cache` of each image in turn. */
export async function benchColdBuild(): Promise<readonly BenchRow[]> {
  const copy = await makeCopy();
  try {
    const ours = await timed(() => images(copy.root, ["build", "--no-test", "--no-cache"]));
    const plan = await planOf(copy);
    const reference = await timed(() => buildByHand(copy, plan, true));
    const what = `cold build of the family (${plan.length} images)`;
    return [rowOf(what, { ours, reference, note: "the package mirrors' speed is part of both" })];
  } finally {
    await removeCopy(copy);
  }
}

async function changeOne(copy: Copy, planned: PlannedImage): Promise<BenchRow> {
  const file = changeable(planned, copy.root);
  appendFileSync(join(copy.root, file), `\n# ${randomBytes(8).toString("hex")}\n`);
  const due = (await planOf(copy))
    .filter(({ state }) => state === "to build")
    .map(({ image }) => imageId(image));
  const ours = await timed(() => images(copy.root, ["build", "--no-test"]));
  appendFileSync(join(copy.root, file), `\n# ${randomBytes(8).toString("hex")}\n`);
  const reference = await timed(async () => buildByHand(copy, await planOf(copy), false));
  const what = `\`images build\` after a change in ${file}: ${due.join(", ")}`;
  return rowOf(what, { ours, reference, note: "what stands on a changed image is made anew in both" });
}

/** A text that the layer puts into its image; where it puts none there, what `jobman image-details` shows of it. */
function changeable({ image, recipe }: PlannedImage, root: string): string {
  const isText = (origin: string): boolean =>
    /\.(md|py|sh|txt)$/.test(origin) && existsSync(join(root, origin));
  const found = recipe.entries.find(({ path, origin }) => path.startsWith("build/files/") && isText(origin));
  return found?.origin ?? `images/${image.layer.name}/README.md`;
}

/** Of each layer the image that ends with it, in its plain variant. */
async function imagesOfLayers(copy: Copy): Promise<readonly PlannedImage[]> {
  return [
    ...new Map((await planOf(copy)).toReversed().map((each) => [each.image.layer.name, each])).values(),
  ];
}

async function buildByHand(copy: Copy, plan: readonly PlannedImage[], noCache: boolean): Promise<void> {
  for (const build of buildsByHand(plan, join(copy.root, ".local/by-hand")))
    await copy.byHand({ ...build, noCache });
}

async function planOf({ root, docker }: Copy): Promise<readonly PlannedImage[]> {
  const { signal } = new AbortController();
  const reporter = createReporter({ write: () => true });
  return readPlan(docker, openWorkspace({ stdout: process.stdout, reporter, root, signal }), { names: [] });
}

/** In this process: what is measured here takes minutes, and the table's libraries are the project's own. */
async function images(root: string, argv: readonly string[]): Promise<void> {
  const code = await main(argv, { stdout: { write: () => true }, stderr: process.stderr }, root);
  if (code !== 0) throw new Error(`images ${argv.join(" ")} ended with ${code}`);
}

async function makeCopy(): Promise<Copy> {
  const root = mkdtempSync(join(tmpdir(), "bench-project-"));
  const listed = await $({ cwd: projectFolder, quiet: true })`git ls-files -z`;
  const files = listed.stdout.split("\0").filter((path) => path !== "" && existsSync(projectPath(path)));
  for (const path of files) cpSync(projectPath(path), join(root, path));
  symlinkSync(projectPath("node_modules"), join(root, "node_modules"));
  const site = join(root, "site.yaml");
  const prefix = `bench-${randomBytes(4).toString("hex")}/`;
  writeFileSync(site, readFileSync(site, "utf8").replace(/^( {2}prefix: ).*$/m, `$1"${prefix}"`));
  return { root, prefix, docker: await connectDocker(), byHand: await dockerClient() };
}

async function removeCopy(copy: Copy): Promise<void> {
  for (const image of await listImages(copy.docker, imageLabels.name)) {
    for (const tag of image.tags.filter((each) => each.startsWith(copy.prefix)))
      await removeImage(copy.docker, tag);
  }
  rmSync(copy.root, { recursive: true });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function rowOf(
  what: string,
  { ours, reference, note }: { readonly ours: number; readonly reference: number; readonly note: string },
): BenchRow {
  const ratio = ours / reference;
  return {
    what,
    ours: formatDuration(ours),
    reference: `${formatDuration(reference)} (\`docker build\` of each image in turn)`,
    ratio: `${ratio.toFixed(2)} ×`,
    target: "≤ 1.1 ×",
    met: ratio <= 1.1,
    note,
  };
}
