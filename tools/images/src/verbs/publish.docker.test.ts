import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeProject } from "../testing/project.ts";

const nowhere = "http://127.0.0.1:2/simple/";
const family = `
import { defineLayer, image } from "@workstation/images";
const a = defineLayer({ name: "a", description: "a", python: true, variants: ["cpu"], indexes: { cpu: "${nowhere}" } });
export const family = [image(a)];
`;

/** A project whose only image waits for an index that nobody reaches, and which would publish to nowhere. */
function project() {
  const made = makeProject(family);
  onTestFinished(() => made.remove());
  made.write("images/a/requirements.in", "numpy\n");
  const site = readFileSync(join(made.root, "site.yaml"), "utf8");
  made.write("site.yaml", site.replace("host: null", 'host: "127.0.0.1:2"'));
  return made;
}

test("who publishes all is told what cannot be built here, and that is no success", async () => {
  const { images } = project();
  const { code, stdout, stderr } = await images("publish", "--json");
  const reasons = [expect.stringContaining("127.0.0.1:2")];
  expect([code, JSON.parse(stdout)]).toEqual([
    69,
    { apiVersion: "v1", images: [], leftOut: [{ name: "ubuntu-a", variant: "cpu", reasons }] },
  ]);
  expect(stderr).toContain("not published, because they cannot be built here: ubuntu-a:cpu");
});

test("who names it gets nothing", async () => {
  const { images } = project();
  const { code, stdout } = await images("publish", "--json", "ubuntu-a");
  expect([code, JSON.parse(stdout)]).toMatchObject([69, { error: { code: "IMAGE_UNAVAILABLE" } }]);
});
