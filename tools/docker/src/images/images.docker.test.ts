import { randomBytes } from "node:crypto";
import { afterAll, expect, test } from "vitest";
import { connectDocker } from "../connect.ts";
import { buildImage } from "../image-builds/build-image.ts";
import { packFiles } from "../image-builds/pack-files.ts";
import { listImages, removeImage, saveImage } from "./images.ts";

const base = "workstation-base:debian-12";
const docker = await connectDocker();
const tag = `size-test:${randomBytes(4).toString("hex")}`;

afterAll(() => removeImage(docker, tag));

test("an image's size is what its files take, whatever else the engine keeps of it", async () => {
  const bytes = 50_000_000;
  const recipe = Buffer.from(`FROM ${base}\nRUN head -c ${bytes} /dev/urandom > /large`);
  await buildImage(docker, {
    context: packFiles([{ path: "Dockerfile", mode: 0o644, content: recipe }]),
    tags: [tag],
    labels: {},
    buildArguments: {},
    onEvent: () => undefined,
  });
  const images = await listImages(docker);
  const sizeOf = (wanted: string): number => images.find((each) => each.tags.includes(wanted))?.size ?? 0;
  expect((sizeOf(tag) - sizeOf(base)) / bytes).toBeCloseTo(1, 1);
});

test("who saves an image can stop it, before the engine answers and in the middle", async () => {
  const stop = new AbortController();
  const saved = await saveImage(docker, base, stop.signal);
  const reading = Array.fromAsync(saved);
  stop.abort(new Error("stopped"));
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  await expect(saveImage(docker, base, stop.signal)).rejects.toThrow("stopped");
});
