import { dockerAnswers } from "@workstation/docker";
import { execa } from "execa";
import type { Builder, Source } from "../provenance/statement.ts";

/** What is the same for all images of one run: where their sources are, and who builds. */
export interface BuildFacts {
  readonly source: Source | undefined;
  readonly builder: Builder;
  readonly base: string;
  readonly distribution: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where sources come from, and how those that were built differ from that. */
export interface FoundSource extends Source {
  /** Files that differ from the commit, and those that are built in and are in no commit; none: it is clean. */
  readonly changed: readonly string[];
}

/**
 * The commit of the project's folder, compared with what images are made of (`inputs`, as recipes name them); undefined
 * where it is no clone, or git is not there.
 */
export async function readSource(root: string, inputs: readonly string[]): Promise<FoundSource | undefined> {
  const git = async (...argv: readonly string[]): Promise<string | undefined> => {
    const { stdout, failed } = await execa("git", ["-C", root, "--literal-pathspecs", ...argv], {
      reject: false,
    });
    return failed ? undefined : stdout.trim();
  };
  const commit = await git("rev-parse", "HEAD");
  if (commit === undefined) return undefined;
  const remote = withoutLogin((await git("remote", "get-url", "origin")) ?? "");
  // What lies under a folder that is taken whole is built in, though git ignores it or never saw it.
  const files = inputs.filter(isFile);
  const strange = files.length === 0 ? "" : await git("ls-files", "--others", "-z", "--", ...files);
  const changed = [await git("diff", "HEAD", "--name-only", "-z"), strange]
    .flatMap((told) => (told === undefined ? ["what git does not tell"] : told.split("\0")))
    .filter((path) => path !== "");
  const uri = remote === "" ? "urn:workstation-images:source" : `git+${remote}`;
  return { commit, uri, clean: changed.length === 0, changed };
}

/** An input that must be in the commit; installed packages are pinned by `package-lock.json`, which is. */
function isFile(input: string): boolean {
  return input !== "recipe" && !input.startsWith("asset ") && !input.startsWith("node_modules/");
}

/** Who builds: the workflow in GitHub Actions, else a person's machine, of which no name is told. */
export async function readBuilder(version: string, environment: Environment = process.env): Promise<Builder> {
  const engine = await dockerAnswers();
  const { GITHUB_SERVER_URL: server, GITHUB_WORKFLOW_REF: workflow } = environment;
  const run = `${server}/${environment.GITHUB_REPOSITORY}/actions/runs/${environment.GITHUB_RUN_ID}`;
  const hosted = server !== undefined && workflow !== undefined;
  return {
    id: hosted ? `${server}/${workflow}` : "urn:workstation-images:builder:local",
    invocation: hosted ? run : undefined,
    versions: {
      "workstation-images": version,
      node: process.versions.node,
      ...(engine.ok ? { "docker-engine": engine.version } : {}),
    },
  };
}

/** A remote's address may hold a name and a password; a path of this machine is nobody's business. */
function withoutLogin(remote: string): string {
  if (!URL.canParse(remote))
    return /^[\w.-]+@[\w.-]+:/.test(remote) ? `ssh://${remote.replace(":", "/")}` : "";
  const url = new URL(remote);
  if (url.protocol === "file:") return "";
  url.username = "";
  url.password = "";
  return url.href;
}
