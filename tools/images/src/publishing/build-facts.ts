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

/** The commit of the project's folder; undefined where it is no clone, or git is not there. */
export async function readSource(root: string): Promise<Source | undefined> {
  const git = async (...argv: readonly string[]): Promise<string | undefined> => {
    const { stdout, failed } = await execa("git", ["-C", root, ...argv], { reject: false });
    return failed ? undefined : stdout.trim();
  };
  const commit = await git("rev-parse", "HEAD");
  if (commit === undefined) return undefined;
  const remote = withoutLogin((await git("remote", "get-url", "origin")) ?? "");
  const clean = (await git("status", "--porcelain", "--untracked-files=no")) === "";
  return { commit, clean, uri: remote === "" ? "urn:workstation-images:source" : `git+${remote}` };
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
