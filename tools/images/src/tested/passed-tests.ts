import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { replaceFile } from "../workspace/replace-file.ts";

const testResult = z.object({
  name: z.string(),
  state: z.enum(["passed", "failed", "skipped"]),
  reason: z.string(),
});

/** What became of one test. */
export type ImageTestResult = z.infer<typeof testResult>;

const passedTests = z.object({
  files: z.record(z.string(), z.string()),
  results: z.array(testResult),
  seconds: z.number(),
});

/** How the tests ended that an image passed: which files they were, and what became of each test. */
export type PassedTests = z.infer<typeof passedTests>;

/** An image on this machine, and the tag that its engine keeps of the tests which it passed. */
export interface Proof {
  readonly imageId: string;
  readonly tag: string;
}

/**
 * What this account remembers of tests that an image passed. That they passed is the tag's to say, which lies with the
 * image in the engine: this only adds the names, and may be gone.
 */
export function readPassedTests(cache: string, proof: Proof): PassedTests | undefined {
  try {
    return passedTests.parse(JSON.parse(readFileSync(fileOf(cache, proof), "utf8")));
  } catch {
    return undefined;
  }
}

/** Remembers them for all clones of the project. */
export function writePassedTests(cache: string, proof: Proof, passed: PassedTests): void {
  replaceFile(fileOf(cache, proof), `${JSON.stringify(passed)}\n`);
}

function fileOf(cache: string, { imageId, tag }: Proof): string {
  return join(cache, "passed-tests", `${imageId.replace("sha256:", "").slice(0, 24)}-${tag}.json`);
}
