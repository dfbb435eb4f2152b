import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, parseImageReference, type Reporter, UserError } from "@workstation/cli";
import { importImageToKept } from "@workstation/cluster";
import { connectDocker, inspectImage } from "@workstation/docker";
import { contentTagStart } from "@workstation/site";
import { $ } from "zx/core";
import { projectFolder } from "../setup/places.ts";
import { type ClusterRun, keptOf } from "./cluster-run.ts";

/** The scheduler's image is that of these sources; the example runs in the image that is there. */
export async function buildImages(run: ClusterRun, reporter: Reporter): Promise<void> {
  const docker = await connectDocker();
  if ((await inspectImage(docker, run.image)) === undefined) await build(run.image);
  else reporter.info(`${run.image} is there`);
  const scheduler = `${run.site.registry.prefix}jobman-scheduler`;
  await build("jobman-scheduler");
  const { tags } = (await inspectImage(docker, `${scheduler}:latest`)) ?? { tags: [] };
  const content = tags.find((tag) => tag.startsWith(`${scheduler}:${contentTagStart}`));
  if (content === undefined) throw new Error(`${scheduler}:latest has no tag of its content`);
  run.images.scheduler = content;
  reporter.info(content);
}

async function build(reference: string): Promise<void> {
  const { name, tag } = parseImageReference(reference);
  const image = `${name.split("/").at(-1)}${tag === undefined ? "" : `:${tag}`}`;
  const seen = $({ cwd: projectFolder, stdio: ["ignore", "ignore", "inherit"], nothrow: true });
  const { exitCode } = await seen`node tools/images/bin/images.js build ${image}`;
  if (exitCode === 0) return;
  throw new UserError("IMAGE_NOT_BUILT", `the image ${image} was not built; the cause is above`, {
    exitCode: exitCodes.failure,
  });
}

/** Brings the node those images that it does not have yet; half a minute for a large one. */
export async function bringImages(run: ClusterRun, reporter: Reporter): Promise<void> {
  const docker = await connectDocker();
  const kept = keptOf(run.at);
  const file = join(run.at.folder, "imported.json");
  const known = (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {}) as Imported;
  const has: Record<string, string> = known.pid === kept.pid ? { ...known.images } : {};
  for (const reference of [run.images.scheduler, run.image]) {
    const { id = "" } = (await inspectImage(docker, reference)) ?? {};
    if (has[reference] === id) {
      reporter.info(`${reference} is there`);
      continue;
    }
    await importImageToKept(kept, reference);
    has[reference] = id;
    writeFileSync(file, JSON.stringify({ pid: kept.pid, images: has } satisfies Imported));
    reporter.info(reference);
  }
}

/** What one cluster, known by the process that keeps it, was given. */
interface Imported {
  readonly pid: number;
  readonly images: Readonly<Record<string, string>>;
}
