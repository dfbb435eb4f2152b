import { join } from "node:path";
import { execa } from "execa";
import { afterAll, expect, test } from "vitest";
import { makeProject, type TestProject } from "../testing/project.ts";

const start = 'import { image } from "@workstation/images";\nimport { a } from "./a/layer.ts";\n';
const projects: TestProject[] = [];
afterAll(async () => {
  for (const project of projects) await project.remove();
});

/** Another Node, because the test runner's imports are not Node's own. */
async function readIn(family: string, layer = 'export const a = { name: "a", variants: [] };\n') {
  const project = makeProject(family);
  projects.push(project);
  project.write("images/a/layer.ts", layer);
  const script = `
    const { readFamily } = await import(${JSON.stringify(join(import.meta.dirname, "read-family.ts"))});
    const { describeError } = await import("@workstation/cli");
    await readFamily(${JSON.stringify(project.root)}).then(
      (family) => console.log(family.map((each) => each.name).join()),
      (error) => console.log(describeError(error)),
    );`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
  });
  return stdout;
}

test("a table that is right is read", async () => {
  expect(await readIn(`${start}export const family = [image(a)];\n`)).toBe("ubuntu-a");
});

test.each([
  [
    "a syntax error",
    `${start}export const family = [image(a),\n  image(a b)];\n`,
    "images/family.ts:4: Expected ','",
  ],
  [
    "an unknown layer",
    `${start}\nexport const family = [image(torch)];\n`,
    "images/family.ts:4: torch is not defined",
  ],
  [
    "a layer without a folder",
    `import { b } from "./b/layer.ts";\nexport const family = [b];\n`,
    "images/family.ts:1: Cannot find module 'images/b/layer.ts'",
  ],
  [
    "a layer that its file does not export",
    'import { c } from "./a/layer.ts";\nexport const family = [c];\n',
    "images/family.ts:1: The requested module './a/layer.ts' does not provide an export named 'c'",
  ],
  [
    "a package that is not there",
    'import { image } from "@workstation/image";\nexport const family = [image()];\n',
    "images/family.ts:1: Cannot find package '@workstation/image'",
  ],
  [
    "a layer that is nothing",
    `${start}export const family = [image(a), image(undefined)];\n`,
    "images/family.ts:3: image(…) was given something that is no layer",
  ],
  ["a table under another name", `${start}export const famly = [image(a)];\n`, 'exports no list "family"'],
  ["a line that is no image", `${start}export const family = [a];\n`, "line 1 of the table is no image(…)"],
])("%s is told with file and line, as the user's to mend", async (_, family, message) => {
  const said = await readIn(family);
  expect(said).toMatch(/^error: images\/family\.ts/);
  expect(said).toContain(message);
});

test("a mistake in a layer is told with its file and line", async () => {
  const said = await readIn(
    `${start}export const family = [image(a)];\n`,
    'export const a = {\n  name: "a",,\n};\n',
  );
  expect(said).toMatch(/^error: images\/a\/layer\.ts:2: Unexpected token `,`/);
});
