import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes } from "@workstation/cli";
import { distributions } from "@workstation/site";
import type { Command } from "commander";
import { needsOwnIndex } from "../family/own-index.ts";
import { readFamily } from "../family/read-family.ts";
import { lookAtLayers } from "../lint/layer-faults.ts";
import { type Finding, type LintSubject, lintSubjects } from "../lint/run-linters.ts";
import { lockPaths } from "../locks/lock-paths.ts";
import { readRecipe } from "../recipe/read-recipe.ts";
import { projectVersion } from "../workspace/project-version.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { type GivenOptions, jsonText } from "./verb.ts";

export function describe(command: Command) {
  command.option("--layers", "look only at what every layer must have: a README, a test, its requirements");
  command.option("--json", "findings: linter, subject, state (passed, failed or skipped), output");
  return run;
}

async function run(workspace: Workspace, options: GivenOptions): Promise<number> {
  const layers = new Set((await readFamily(workspace.root)).flatMap((image) => image.layers));
  const whole = lookAtLayers(workspace.root, [...layers]);
  const subjects =
    options.layers === true ? [] : [...(await dockerfiles(workspace)), ...shellScripts(workspace)];
  const findings = [...whole, ...(await lintSubjects(subjects))];
  report(workspace, findings, options.json === true);
  const mustNotSkip = process.env.CI === "true";
  const bad = findings.some((each) => each.state === "failed" || (mustNotSkip && each.state === "skipped"));
  return bad ? exitCodes.failure : exitCodes.ok;
}

/** The recipes for every distribution that has its locks, not only those that are committed. */
async function dockerfiles(workspace: Workspace): Promise<readonly LintSubject[]> {
  const family = await readFamily(workspace.root);
  const version = projectVersion(workspace.root);
  return distributions.flatMap((distribution) =>
    family
      .filter(
        (image) =>
          needsOwnIndex(image) || hasLocks(workspace, Object.values(lockPaths(image, { distribution }))),
      )
      .map((image) => ({
        linter: "hadolint" as const,
        name: `${image.name} (${image.variant}) on ${distribution}`,
        text: readRecipe(workspace, image, { site: workspace.site, distribution, version }).dockerfile,
      })),
  );
}

function hasLocks(workspace: Workspace, locks: readonly (string | undefined)[]): boolean {
  return locks.every((lock) => lock === undefined || existsSync(join(workspace.root, lock)));
}

/** What layers and recipes run as root while an image is built. */
function shellScripts(workspace: Workspace): readonly LintSubject[] {
  const found = globSync(["images/*/**/*.sh", "tools/images/src/**/*.sh"], { cwd: workspace.root });
  return found.toSorted().flatMap((name) => {
    const text = readFileSync(join(workspace.root, name), "utf8");
    return (["shellcheck", "shfmt"] as const).map((linter) => ({ linter, name, text }));
  });
}

function report(workspace: Workspace, findings: readonly Finding[], json: boolean): void {
  const lines = findings.flatMap(({ linter, subject, state, output }) => [
    `${state}: ${linter} ${subject}`,
    ...(output === "" ? [] : [output.replace(/^/gm, "    ")]),
  ]);
  workspace.stdout.write(json ? jsonText({ findings }) : `${lines.join("\n")}\n`);
}
