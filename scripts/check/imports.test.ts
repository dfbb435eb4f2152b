import { expect, test } from "vitest";
import { projectFolder } from "../setup/places.ts";
import { findBreaches } from "./imports/find-breaches.ts";
import { readImports } from "./imports/read-imports.ts";
import { type ImportRules, importRules } from "./imports/rules.ts";
import { readSourceTree } from "./imports.ts";

const tree = readSourceTree(projectFolder);

function breachesWith(planted: Readonly<Record<string, string>>, rules: ImportRules = importRules) {
  return findBreaches({ ...tree, files: new Map([...tree.files, ...Object.entries(planted)]) }, rules);
}

test("the project keeps its rules", () => {
  expect(breachesWith({})).toEqual([]);
});

test.each([
  ["tools/cli", 'import { connectDocker } from "@workstation/docker";', "may not import tools/docker"],
  ["tools/cli", 'import type { Site } from "../../site/src/index.ts";', "may not import tools/site"],
  ["tools/site", 'export * from "@workstation/docker";', "may not import tools/docker"],
  ["tools/docker", 'type S = import("@workstation/images").Layer;', "may not import tools/images"],
  ["tools/images", 'await import("@workstation/scheduler");', "may not import jobman/scheduler"],
  ["tools/images", 'import "../../../jobman/client/src/io.ts";', "may not import jobman/client"],
  ["tools/images", 'import { x } from "../../cli/src/units.ts";', "reaches into tools/cli by path"],
  ["jobman/client", 'import {\n  ask,\n} from "@workstation/docker";', "may not import tools/docker"],
  ["jobman/scheduler", 'import { x } from "@workstation/images";', "may not import tools/images"],
  ["jobman/scheduler", 'import type Docker from "dockerode";', "only tools/docker may import dockerode"],
  [
    "jobman/scheduler",
    'createRequire(import.meta.url)("dockerode")',
    "only tools/docker may import dockerode",
  ],
  ["jobman/scheduler", 'require("dockerode/lib/docker.js")', "only tools/docker may import dockerode"],
  ["jobman/scheduler", "await import(name);", "imports what it computes"],
  ["jobman/scheduler", 'import x from "../../../../elsewhere/x.ts";', "belongs to no part of the project"],
])("a breach in %s is found: %s", (part, text, message) => {
  const file = `${part}/src/planted.ts`;
  expect(breachesWith({ [file]: `// first line\n${text}\n` })).toContainEqual(
    expect.stringMatching(new RegExp(`^${file}:[234]: .*${message}`)),
  );
});

test.each([
  [
    "the queue importing the loop",
    "jobman/scheduler/src/queue/x.ts",
    'import type { A } from "../loop/a.ts";',
  ],
  ["the queue importing a file above it", "jobman/scheduler/src/queue/x.ts", 'import "../version.ts";'],
  ["an engine importing jobs", "jobman/scheduler/src/platforms/docker/x.ts", 'import "../../core/core.ts";'],
  ["a verb importing another", "tools/images/src/verbs/x.ts", 'import { y } from "./plan.ts";'],
  ["the domain importing a verb", "tools/images/src/plan/x.ts", 'import { y } from "../verbs/plan.ts";'],
  ["the protocol importing the command", "jobman/client/src/protocol/x.ts", 'import "../io.ts";'],
])("%s is found", (_, file, text) => {
  expect(breachesWith({ [file]: text })).toContainEqual(
    expect.stringMatching(`^${file}:1: .* may not import`),
  );
});

test("a library that jobman would load is found, over however many files", () => {
  const found = breachesWith({
    "jobman/client/src/entry.ts": 'import "./planted.ts";',
    "jobman/client/src/planted.ts": 'import { loadSite } from "@workstation/site";',
  });
  expect(found).toContainEqual(expect.stringMatching(/^tools\/site\/.*entry\.ts would load zod$/));
});

test("types of a library are not loaded", () => {
  const entry = 'import type { z } from "zod";';
  expect(breachesWith({ "jobman/client/src/entry.ts": entry })).toEqual([]);
});

test.each([
  ["jobman/client/src", "output", "socket"],
  ["jobman/scheduler/src", "journal", "log"],
  ["tools/docker/src", "images", "image-builds"],
])("folders of %s that import each other are found, with each step: %s and %s", (root, a, b) => {
  const found = breachesWith({
    [`${root}/${a}/planted.ts`]: `import type { X } from "../${b}/planted.ts";`,
    [`${root}/${b}/planted.ts`]: `export { y } from "../${a}/planted.ts";`,
  });
  expect(found).toContainEqual(expect.stringContaining(`${root}/${a}/planted.ts:1`));
});

test.each(["tools/docker/src/build", "scripts/test", "images/python/build/cache"])(
  "a folder of sources whose name promises something else is found: %s",
  (folder) => {
    const found = breachesWith({ [`${folder}/planted.ts`]: "", [`${folder}/other.ts`]: "" });
    expect(found).toEqual([expect.stringMatching(/\/(build|test): holds sources, and its name promises/)]);
  },
);

test.each([
  'join(root, "scripts/build.mjs")',
  'join(root, "scripts", "build.mjs")',
  '"../../scripts/build.mjs"',
])("a part that starts a program of scripts is found: %s", (text) => {
  expect(breachesWith({ "tools/images/bin/planted.js": `\n${text}` })).toEqual([
    "tools/images/bin/planted.js:2: names a program of scripts, which nothing outside of it starts",
  ]);
  expect(breachesWith({ "tools/images/src/planted.test.ts": text, "scripts/planted.ts": text })).toEqual([]);
});

test("a file may be called what a folder may not", () => {
  expect(breachesWith({ "tools/cli/src/build.ts": "", "tools/cli/src/test.ts": "" })).toEqual([]);
});

test("a test may import what its part may not", () => {
  const text = 'import { connectDocker } from "@workstation/docker";';
  expect(breachesWith({ "jobman/client/src/planted.test.ts": text })).toEqual([]);
});

test("an exception that nothing needs any more is found", () => {
  const { exceptions } = importRules;
  const imports = [{ file: "tools/cli/src/units.ts", imports: "scripts", why: "" }, ...exceptions.imports];
  expect(breachesWith({}, { ...importRules, exceptions: { imports } })).toEqual([
    "tools/cli/src/units.ts imports nothing of scripts any more: remove the exception",
  ]);
});

test("imports are read in every form, with their line", () => {
  const text = [
    'import a from "a";',
    "import {",
    "  b,",
    "} from 'b';",
    'export type { C } from "c";',
    "const d = await import(`d`);",
    'import "e";',
    'const text = "from nowhere";',
  ].join("\n");
  expect(readImports(text).map(({ specifier, line, loads }) => [specifier, line, loads])).toEqual([
    ["a", 1, true],
    ["b", 2, true],
    ["c", 5, false],
    ["d", 6, true],
    ["e", 7, true],
  ]);
});
