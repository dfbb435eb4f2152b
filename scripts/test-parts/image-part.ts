import { $ } from "zx/core";
import type { TestResult } from "../results/results.ts";
import { projectFolder } from "../setup/places.ts";
import type { EngineUnderTest } from "./current-engine.ts";
import { recorded, type TestContext } from "./recorded.ts";

/** The whole family, as far as this machine can build it. */
export async function buildAndTestImages(context: TestContext): Promise<readonly TestResult[]> {
  const results = await recorded(context, ["node", "tools/images/bin/images.js", "build"], {
    part: "images",
  });
  return [...results, ...(await context.reporter.step("Weigh the images", () => weighImages(context)))];
}

/** Each image's size against what its layer allows and what was agreed to: of all, on the machine's engine, or as given. */
export async function weighImages(
  { signal }: Pick<TestContext, "signal">,
  given: { readonly engine?: EngineUnderTest; readonly images?: readonly string[] } = {},
): Promise<readonly TestResult[]> {
  const { engine, images = [] } = given;
  const env = { ...process.env, ...engine?.environment };
  const quietly = $({ cwd: projectFolder, env, signal, stdio: ["ignore", "pipe", "inherit"], nothrow: true });
  const size = ["node", "tools/images/bin/images.js", "size", "--check", "--json"];
  const { stdout } = await quietly`${[...(engine?.prefix ?? []), ...size, ...images]}`;
  signal.throwIfAborted();
  return sizeResults(stdout);
}

/** What `images size --check --json` wrote, as results of tests: a size that nobody agreed to is a skip. */
export function sizeResults(text: string): readonly TestResult[] {
  if (text === "") return [{ name: "images size --check", state: "failed", reason: "it ended early" }];
  const { verdicts } = JSON.parse(text) as SizeReport;
  return verdicts.map(({ name, variant, state, reasons }) => ({
    name: `size > ${name} (${variant})`,
    state,
    reason: reasons.join("; "),
  }));
}

interface SizeReport {
  readonly verdicts: readonly {
    readonly name: string;
    readonly variant: string;
    readonly state: TestResult["state"];
    readonly reasons: readonly string[];
  }[];
}
