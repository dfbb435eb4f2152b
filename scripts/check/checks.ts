import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { formatDuration, type Reporter } from "@workstation/cli";
import { $ } from "zx/core";
import { type Linter, linters, provideLinter } from "../../tools/images/src/lint/linters.ts";
import type { TestResult } from "../results/results.ts";
import { projectFolder } from "../setup/places.ts";

/** One thing that must hold of the sources. */
export interface Check {
  readonly name: string;
  /** The program's arguments; with a linter the files are appended. */
  readonly argv: readonly [string, ...string[]];
  readonly linter?: Linter;
  readonly files?: () => readonly string[];
  /** What to do when it does not hold. */
  readonly remedy: string;
}

export const checks: readonly Check[] = [
  { name: "types", argv: ["tsc", "-b"], remedy: "correct the types" },
  { name: "style", argv: ["biome", "ci", "--colors=off", "."], remedy: "npm run format" },
  {
    name: "imports",
    argv: ["node", "scripts/check/imports.ts"],
    remedy: "import as scripts/check/imports/rules.ts says, or correct it there",
  },
  { name: "dead code and dependencies", argv: ["knip"], remedy: "remove it, or declare it" },
  {
    name: "generated Dockerfiles",
    argv: ["node", "tools/images/bin/images.js", "generate", "--check"],
    remedy: "npm run images -- generate",
  },
  {
    name: "tables of images",
    argv: ["node", "tools/images/bin/images.js", "docs", "--check"],
    remedy: "npm run images -- docs",
  },
  {
    name: "locks",
    argv: ["node", "tools/images/bin/images.js", "lock", "--check"],
    remedy: "npm run images -- lock",
  },
  {
    name: "layers",
    argv: ["node", "tools/images/bin/images.js", "lint", "--layers"],
    remedy: "give the layer what it lacks",
  },
  {
    name: "generated tables",
    argv: ["node", "scripts/tables.ts", "--check"],
    remedy: "npm run tables",
  },
  {
    name: "shell",
    argv: ["shellcheck", "--external-sources", "--source-path=SCRIPTDIR"],
    linter: linters.shellcheck,
    files: shellScripts,
    remedy: "mend the script",
  },
  {
    name: "shell style",
    argv: ["shfmt", "-i", "2", "-ci", "-d"],
    linter: linters.shfmt,
    files: shellScripts,
    remedy: "shfmt -i 2 -ci -w the file",
  },
  {
    name: "Dockerfiles",
    argv: ["hadolint"],
    linter: linters.hadolint,
    files: () => filesLike("images/generated/**/*Dockerfile*"),
    remedy: "mend the generator in tools/images/src/recipe",
  },
  { name: "workflows", argv: ["actionlint"], linter: linters.actionlint, remedy: "mend the workflow" },
  {
    name: "workflow security",
    argv: ["zizmor", "--offline", "--quiet", ".github"],
    linter: linters.zizmor,
    remedy: "mend the workflow",
  },
];

/** Runs the checks one after the other; the output of those that fail is shown. */
export async function runChecks(reporter: Reporter, list: readonly Check[]): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const check of list) results.push(await runCheck(reporter, check));
  return results;
}

async function runCheck(reporter: Reporter, check: Check): Promise<TestResult> {
  const name = `check > ${check.name}`;
  const provision = check.linter === undefined ? undefined : await provideLinter(check.linter);
  if (provision?.ok === false) {
    reporter.info(`skipped: ${check.name}; ${provision.reason}`);
    return { name, state: "skipped", reason: provision.reason };
  }
  const [program, ...args] = check.argv;
  const started = Date.now();
  const { ok, output } = await run(provision?.path ?? program, [...args, ...(check.files?.() ?? [])]);
  const took = formatDuration((Date.now() - started) / 1000);
  reporter.info(
    ok ? `passed: ${check.name} (${took})` : `failed: ${check.name} (${took}); ${check.remedy}\n${output}`,
  );
  return { name, state: ok ? "passed" : "failed", reason: ok ? "" : check.remedy };
}

async function run(
  program: string,
  args: readonly string[],
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const env = { ...process.env, NO_COLOR: "1" };
  const { ok, stdall } = await $({ cwd: projectFolder, nothrow: true, quiet: true, env })`${program} ${args}`;
  return { ok, output: stdall.trimEnd() };
}

/** Every shell script of the project, known by its first line or its ending. */
function shellScripts(): readonly string[] {
  const shebang = /^#!.*\b(ba|da)?sh\b/;
  return filesLike("{init-scripts,pip-config,images,scripts,.ci,tools/*/src}/**/*").filter(
    (file) =>
      file.endsWith(".sh") || shebang.test(readFileSync(join(projectFolder, file), "utf8").slice(0, 80)),
  );
}

function filesLike(pattern: string): readonly string[] {
  return globSync(pattern, { cwd: projectFolder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(projectFolder.length))
    .sort();
}
