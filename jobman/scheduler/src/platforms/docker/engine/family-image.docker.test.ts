import { removeImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerBed, makeDockerBed, testImage } from "../../testing/docker-bed.ts";
import { readLines } from "../../testing/output-lines.ts";
import { createImageCatalogue } from "../images/catalogue.ts";

describe("an image of the family", { timeout: 120_000 }, () => {
  let bed: DockerBed;
  let image: string;
  beforeAll(async () => {
    bed = await makeDockerBed();
    image = await makeFamilyImage(bed);
  });
  afterAll(async () => {
    await bed.dispose();
    await removeImage(bed.docker, image);
  });

  it("gives a job of any uid its own home, on disk, as the image has it", async () => {
    const script = `ls -d ~/from-image; echo 1 > ~/mine && rm ~/mine
      head -c 600M /dev/zero > ~/large && head -c 600M /dev/zero > /tmp/large && stat -c %s ~/large /tmp/large
      touch /run/workstation/x && echo yes`;
    const request = bed.request({ image, arguments: ["bash", "-c", script] });
    await bed.engine.create(request);
    expect((await bed.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "started" });
    const log = bed.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(60_000) });
    expect((await readLines(log)).map((line) => line.data.trim())).toEqual([
      "/home/chaimeleon/from-image",
      "629145600",
      "629145600",
      "yes",
    ]);
  });

  it("hands out no GPU by itself, whatever it says", async () => {
    const request = bed.request({ image, arguments: ["bash", "-c", "echo $NVIDIA_VISIBLE_DEVICES"] });
    await bed.engine.create(request);
    await bed.engine.admit([request]);
    const log = bed.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(60_000) });
    expect((await readLines(log)).map((line) => line.data)).toEqual(["void\n"]);
  });

  it("of a test run is in nobody's catalogue of allowed images, named ones are", async () => {
    const [repository = "", tag = ""] = image.split(":");
    const find = async (site: DockerBed["site"]) =>
      (await createImageCatalogue(bed.docker, site).list()).find((each) => each.name === repository);
    expect(await find(bed.site)).toMatchObject({ tags: [tag], reference: image, allowed: false });
    const allowing = { ...bed.site, images: { allowed: [image] } };
    expect(await find(allowing)).toMatchObject({ allowed: true, labels: { [imageLabels.name]: repository } });
  });
});

/** A home that anybody may write, as the images of the family have it. */
async function makeFamilyImage(bed: DockerBed): Promise<string> {
  const script = `mkdir -p /home/chaimeleon/from-image && chown -R 1000:0 /home && chmod -R a+rwX /home/chaimeleon`;
  const maker = await bed.docker.createContainer({ Image: testImage, Cmd: ["bash", "-c", script] });
  await maker.start();
  await maker.wait();
  const image = `${bed.instance}-family:1`;
  const [repo, tag] = image.split(":");
  const labels = `LABEL ${imageLabels.name}=${repo} ${imageLabels.testRun}=${bed.instance}`;
  await maker.commit({ repo, tag, changes: `${labels}\nENV NVIDIA_VISIBLE_DEVICES=all` });
  await maker.remove();
  return image;
}
