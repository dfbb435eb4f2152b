import { readFileSync, writeFileSync } from "node:fs";
import type { Reporter } from "@workstation/cli";
import { connectDocker, dockerAnswers, registryDigest } from "@workstation/docker";
import type { Site } from "@workstation/site";
import { isMap, parseDocument } from "yaml";
import { writingTo } from "../workspace/file-fault.ts";

const registryPatienceMs = 15_000;

/** Digests of the bases as their registries give them; one that cannot be asked is left as it is, and said. */
export async function askDigests(site: Site, reporter: Reporter): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  if (!(await dockerAnswers()).ok) {
    reporter.warn("no Docker engine answers, so that no registry is asked for the digests of the bases");
    return answers;
  }
  const docker = await connectDocker();
  for (const [distribution, { reference }] of Object.entries(site.base.images)) {
    try {
      const signal = AbortSignal.timeout(registryPatienceMs);
      answers.set(distribution, await registryDigest(docker, reference, signal));
    } catch (error) {
      reporter.warn(`the digest of ${reference} stays as it is: ${(error as Error).message}`);
    }
  }
  return answers;
}

/** Writes digests into a site file; all else of it, comments too, stays as it was. Says whether anything changed. */
export function writeDigests(file: string, digests: ReadonlyMap<string, string>): boolean {
  const before = readFileSync(file, "utf8");
  const after = withDigests(before, digests);
  if (after !== before) writingTo(file, () => writeFileSync(file, after));
  return after !== before;
}

/** Only the value itself is replaced in the text, so that no line of the file is laid out anew. */
export function withDigests(text: string, digests: ReadonlyMap<string, string>): string {
  const images = parseDocument(text).getIn(["base", "images"], true);
  if (!isMap(images)) return text;
  const edits = [...digests].flatMap(([distribution, digest]) => {
    const node = images.getIn([distribution, "digest"], true) as { range?: readonly number[] } | undefined;
    const [start, end] = node?.range ?? [];
    return start === undefined || end === undefined ? [] : [{ start, end, digest }];
  });
  return edits
    .toSorted((a, b) => b.start - a.start)
    .reduce((edited, { start, end, digest }) => edited.slice(0, start) + digest + edited.slice(end), text);
}
