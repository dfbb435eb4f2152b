import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createReporter } from "@workstation/cli";
import { type DockerConnection, listImages, removeImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { main } from "../cli.ts";
import { openWorkspace, type Workspace } from "../workspace/workspace.ts";

const repository = join(import.meta.dirname, "../../../..");

// What fails on purpose in such a project must not be counted among the results of the run that tests it.
delete process.env.WORKSTATION_TEST_RESULTS;

/** A project of a test's own: its files in a temporary folder, its images under a random prefix. */
export interface TestProject {
  readonly root: string;
  /** Put before every image name, so that nobody else's image is met. */
  readonly prefix: string;
  /** Writes a file; missing folders are made. */
  readonly write: (path: string, content: string) => void;
  /** Runs `images` in the project, with what it printed. */
  readonly images: (...argv: readonly string[]) => Promise<Run>;
  readonly workspace: (signal?: AbortSignal) => Workspace & { readonly said: () => string };
  readonly remove: (docker?: DockerConnection) => Promise<void>;
}

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a project whose images stand on a base that is on this machine; `family` is the text of images/family.ts. */
export function makeProject(family: string, base = "workstation-base:debian-12"): TestProject {
  const root = mkdtempSync(join(tmpdir(), "workstation-project-"));
  const prefix = `test-${randomBytes(4).toString("hex")}/`;
  const write = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
  cpSync(join(repository, "package.json"), join(root, "package.json"));
  write("site.yaml", siteText(prefix, base));
  write("images/family.ts", family);
  return {
    root,
    prefix,
    write,
    images: (...argv) => runImages(root, argv),
    workspace: (signal) => testWorkspace(root, signal),
    remove: async (docker) => {
      if (docker !== undefined) await removeImages(docker, prefix);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The project's own site, with a prefix and a base of the test's. */
function siteText(prefix: string, base: string): string {
  return readFileSync(join(repository, "site.yaml"), "utf8")
    .replace('prefix: ""', `prefix: "${prefix}"`)
    .replace("distribution: ubuntu-22.04", "distribution: debian-12")
    .replace('reference: "debian:12-slim"', `reference: "${base}"`);
}

async function runImages(root: string, argv: readonly string[]): Promise<Run> {
  const printed = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      printed[name] += text;
    },
  });
  const code = await main(argv, { stdout: sink("stdout"), stderr: sink("stderr") }, root);
  return { code, ...printed };
}

function testWorkspace(root: string, signal: AbortSignal = new AbortController().signal) {
  let said = "";
  const sink = {
    write: (text: string) => {
      said += text;
    },
  };
  const workspace = openWorkspace({ stdout: sink, reporter: createReporter(sink), root, signal });
  return { ...workspace, said: () => said };
}

async function removeImages(docker: DockerConnection, prefix: string): Promise<void> {
  for (const image of await listImages(docker, imageLabels.name)) {
    for (const tag of image.tags.filter((each) => each.startsWith(prefix))) await removeImage(docker, tag);
  }
}
