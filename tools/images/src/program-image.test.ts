import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeProject } from "./testing/project.ts";

const family = `
import { defineLayer, image, program } from "@workstation/images";
const a = defineLayer({ name: "a", description: "the layer a" });
const keeps = { folder: "/opt/image", uid: 1, gid: 1 };
export const family = [image(a), program("gatekeeper", defineLayer({ name: "gate", description: "a gate", keeps }))];
`;

test("a program of the platform is listed, nobody works in it, and the page for researchers does not show it", async () => {
  const project = makeProject(family);
  onTestFinished(() => project.remove());
  project.write("README.md", "<!-- generated: images -->\n<!-- end -->\n");
  expect((await project.images("list")).stdout).toContain("gatekeeper:latest\n");
  const { code, stderr } = await project.images("run", "gatekeeper");
  expect([code, stderr]).toEqual([2, expect.stringContaining("nobody works in it")]);
  expect((await project.images("docs")).code).toBe(0);
  const pages = ["docs/guide/images.md", "README.md"].map((path) =>
    readFileSync(join(project.root, path), "utf8"),
  );
  expect(pages.map((page) => page.includes("gatekeeper"))).toEqual([false, true]);
});
