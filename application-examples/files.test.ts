import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applicationExampleFiles } from "./files.ts";

const folder = import.meta.dirname;

test("images get every program, notebook and page of the examples, and none of their tests", () => {
  const wanted = globSync("{README.md,*.ipynb,*/README.md,*/*.py}", { cwd: folder }).filter(
    (path) => !isTest(path),
  );
  const listed = applicationExampleFiles.map((file) => file.from.replace("application-examples/", ""));
  expect(listed.toSorted()).toEqual(wanted.toSorted());
});

test("the files keep their folders, where the start of a container looks for them", () => {
  const targets = applicationExampleFiles.map((file) => file.to);
  const root = "/usr/local/share/workstation";
  expect(targets).toEqual(applicationExampleFiles.map((file) => join(root, file.from)));
});

function isTest(path: string): boolean {
  return /(^|\/)(test_[^/]*|conftest)\.py$/.test(path);
}
