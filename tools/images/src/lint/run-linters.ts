import { execa } from "execa";
import { linters, provideLinter } from "./linters.ts";

/** A text that one linter looks at. */
export interface LintSubject {
  readonly linter: "hadolint" | "shellcheck" | "shfmt";
  readonly name: string;
  readonly text: string;
}

/** What a linter said of a subject. */
export interface Finding {
  readonly linter: string;
  readonly subject: string;
  readonly state: "passed" | "failed" | "skipped";
  /** The linter's words, or why it was skipped. */
  readonly output: string;
}

const argumentsOf: Readonly<Record<LintSubject["linter"], readonly string[]>> = {
  hadolint: ["--no-color", "-"],
  shellcheck: ["--color=never", "-"],
  shfmt: ["-i", "2", "-ci", "-d"],
};

/** Runs each subject's linter; one that cannot be had here is a skip that says why. */
export async function lintSubjects(subjects: readonly LintSubject[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const subject of subjects) findings.push(await lint(subject));
  return findings;
}

async function lint({ linter, name, text }: LintSubject): Promise<Finding> {
  const provision = await provideLinter(linters[linter]);
  if (!provision.ok) return { linter, subject: name, state: "skipped", output: provision.reason };
  const result = await execa(provision.path, argumentsOf[linter], { input: text, all: true, reject: false });
  return { linter, subject: name, state: result.failed ? "failed" : "passed", output: result.all.trim() };
}
