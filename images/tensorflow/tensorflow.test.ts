import { pythonInImage } from "@workstation/images/test";
import { expect, test } from "vitest";
import { tensorflowWork } from "./tensorflow-work.ts";

test.each(Object.entries(tensorflowWork))("%s", async (_name, program) => {
  const { exitCode, stderr } = await pythonInImage(`import os; os.chdir("/tmp")\n${program}`);
  expect(exitCode, stderr).toBe(0);
});

test("an import says nothing on stderr", async () => {
  const ended = await pythonInImage("import tensorflow, keras");
  expect(ended.exitCode).toBe(0);
  expect(ended.stderr.split("\n").filter((line) => line !== "" && !line.startsWith("workstation:"))).toEqual(
    [],
  );
});

test("no package of the parent is installed a second time", async () => {
  const ended = await pythonInImage(`
import importlib.metadata as metadata, sysconfig
from collections import Counter
installed = metadata.distributions(path=[sysconfig.get_path("purelib")])
counts = Counter(found.metadata["Name"].lower().replace("_", "-") for found in installed)
assert counts["numpy"] == counts["tensorflow-cpu"] + counts["tensorflow"] == 1, counts
print([name for name, count in counts.items() if count > 1])
`);
  expect(ended).toMatchObject({ exitCode: 0, stdout: "[]\n" });
});
