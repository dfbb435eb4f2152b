import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { pack } from "tar-stream";
import { afterAll, expect, test } from "vitest";
import { buildImage } from "../build/build-image.ts";
import { connectDocker } from "../connect.ts";
import { listImages, removeImage } from "./images.ts";

const base = "workstation-base:debian-12";
const docker = await connectDocker();
const tag = `size-test:${randomBytes(4).toString("hex")}`;

afterAll(() => removeImage(docker, tag));

test("an image's size is what its files take, whatever else the engine keeps of it", async () => {
  const archive = pack();
  const bytes = 50_000_000;
  archive.entry({ name: "Dockerfile" }, `FROM ${base}\nRUN head -c ${bytes} /dev/urandom > /large`);
  archive.finalize();
  const context = archive as unknown as Readable;
  await buildImage(docker, {
    context,
    tags: [tag],
    labels: {},
    buildArguments: {},
    onEvent: () => undefined,
  });
  const images = await listImages(docker);
  const sizeOf = (wanted: string): number => images.find((each) => each.tags.includes(wanted))?.size ?? 0;
  expect((sizeOf(tag) - sizeOf(base)) / bytes).toBeCloseTo(1, 1);
});
