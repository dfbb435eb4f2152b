import { makeProject, type TestProject } from "./project.ts";

const family = `
import { defineLayer, image } from "@workstation/images";
const layer = (name) => defineLayer({
  name,
  description: "the layer " + name,
  files: [{ from: "images/" + name + "/file", to: "/usr/local/share/" + name }],
  setup: "images/" + name + "/setup.sh",
});
const [a, b, c] = ["a", "b", "c"].map((name) => layer(name));
export const family = [image(a), image(a, b), image(a, c)];
`;

/** A project with three small images: `ubuntu-a`, and `ubuntu-a-b` and `ubuntu-a-c` on it. */
export function makeSmallFamily(): TestProject {
  const project = makeProject(family);
  for (const name of ["a", "b", "c"]) {
    project.write(`images/${name}/file`, `${project.prefix} ${name}\n`);
    project.write(`images/${name}/setup.sh`, `#!/bin/sh\necho "${project.prefix}${name}"\n`);
  }
  return project;
}
