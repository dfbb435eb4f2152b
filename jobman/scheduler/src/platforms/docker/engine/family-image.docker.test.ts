import { removeImage, tagImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerFixture, makeDockerFixture, testImage } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";
import { createImageCatalogue } from "../images/catalogue.ts";

describe("an image of the family", { timeout: 120_000 }, () => {
  let fixture: DockerFixture;
  let image: string;
  beforeAll(async () => {
    fixture = await makeDockerFixture();
    image = await makeFamilyImage(fixture);
  });
  afterAll(async () => {
    await fixture.dispose();
    await removeImage(fixture.docker, image);
  });

  it("gives a job of any uid its own home, on disk, as the image has it", async () => {
    const script = `ls -d ~/from-image; echo 1 > ~/mine && rm ~/mine
      head -c 600M /dev/zero > ~/large && head -c 600M /dev/zero > /tmp/large && stat -c %s ~/large /tmp/large
      touch /run/workstation/x && echo yes`;
    const request = fixture.request({ image, arguments: ["bash", "-c", script] });
    await fixture.engine.create(request);
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(60_000) });
    expect((await readLines(log)).map((line) => line.data.trim())).toEqual([
      "/home/chaimeleon/from-image",
      "629145600",
      "629145600",
      "yes",
    ]);
  });

  it("hands out no GPU by itself, whatever it says", async () => {
    const request = fixture.request({ image, arguments: ["bash", "-c", "echo $NVIDIA_VISIBLE_DEVICES"] });
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(60_000) });
    expect((await readLines(log)).map((line) => line.data)).toEqual(["void\n"]);
  });

  it("is not offered under the tag that says which tests it passed", async () => {
    const [repository = ""] = image.split(":");
    const proof = `${repository}:tests-0123456789ab`;
    await tagImage(fixture.docker, image, proof);
    const listed = await createImageCatalogue(fixture.docker, fixture.site).list();
    await removeImage(fixture.docker, proof);
    expect(listed.find((each) => each.name === repository)).toMatchObject({ tags: ["1"], reference: image });
  });

  it("is allowed where the family is, unless it is a program of the platform", async () => {
    const allowed = async (kind: string) => {
      const own = await labelled(fixture, { [imageLabels.kind]: kind });
      const site = { ...fixture.site, images: { allowed: ["family"] } };
      const listed = await createImageCatalogue(fixture.docker, site).list();
      await removeImage(fixture.docker, own);
      return listed.find(({ reference }) => reference === own)?.allowed;
    };
    expect([await allowed("batch"), await allowed("service")]).toEqual([true, false]);
  });

  it("of a test run is in nobody's catalogue of allowed images, named ones are", async () => {
    const [repository = "", tag = ""] = image.split(":");
    const find = async (site: DockerFixture["site"]) =>
      (await createImageCatalogue(fixture.docker, site).list()).find((each) => each.name === repository);
    expect(await find(fixture.site)).toMatchObject({ tags: [tag], reference: image, allowed: false });
    const allowing = { ...fixture.site, images: { allowed: [image] } };
    expect(await find(allowing)).toMatchObject({ allowed: true, labels: { [imageLabels.name]: repository } });
  });
});

/** A home that anybody may write, as the images of the family have it. */
async function makeFamilyImage(fixture: DockerFixture): Promise<string> {
  const script = `mkdir -p /home/chaimeleon/from-image && chown -R 1000:0 /home && chmod -R a+rwX /home/chaimeleon`;
  const maker = await fixture.docker.createContainer({ Image: testImage, Cmd: ["bash", "-c", script] });
  await maker.start();
  await maker.wait();
  const image = `${fixture.instance}-family:1`;
  const [repo, tag] = image.split(":");
  const labels = `LABEL ${imageLabels.name}=${repo} ${imageLabels.testRun}=${fixture.instance}`;
  await maker.commit({ repo, tag, changes: `${labels}\nENV NVIDIA_VISIBLE_DEVICES=all` });
  await maker.remove();
  return image;
}

/** A small image of the family, without the mark of a test run. */
async function labelled(fixture: DockerFixture, labels: Readonly<Record<string, string>>) {
  const maker = await fixture.docker.createContainer({ Image: testImage, Cmd: ["true"] });
  const own = `${fixture.instance}-own:1`;
  const all = { [imageLabels.name]: `${fixture.instance}-own`, ...labels };
  const [repo, tag] = own.split(":");
  const changes = Object.entries(all).map(([name, value]) => `LABEL ${name}="${value}"`);
  await maker.commit({ repo, tag, changes: changes.join("\n") });
  await maker.remove();
  return own;
}
