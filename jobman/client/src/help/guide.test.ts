import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commands } from "../commands/table.ts";
import { flavorListSchema, imageListSchema, jobListSchema, queueSchema } from "../protocol/index.ts";
import { exitCodeRows } from "./help-text.ts";

const page = (name: string) =>
  readFileSync(new URL(`../../../../docs/guide/${name}.md`, import.meta.url), "utf8");
const guide = page("jobman");

/** The rows of the table between `<!-- name -->` and `<!-- end -->`. */
function tableOf(name: string): readonly string[] {
  const text = guide.split(`<!-- ${name} -->\n`)[1]?.split("<!-- end -->")[0] ?? "";
  return text.trim().split("\n").slice(2);
}

test("the guide's table of commands is that of the help", () => {
  expect(tableOf("commands")).toEqual(commands.map(({ name, summary }) => `| \`${name}\` | ${summary} |`));
});

test("the guide's table of exit codes is that of the help", () => {
  expect(tableOf("exit codes")).toEqual(exitCodeRows.map(([code, meaning]) => `| ${code} | ${meaning} |`));
});

test("the guide's JSON is what the protocol says, with no field that it does not know", () => {
  const schemas = [jobListSchema, queueSchema, flavorListSchema, imageListSchema];
  const examples = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1] ?? ""));
  expect(examples).toHaveLength(schemas.length);
  for (const [index, schema] of schemas.entries())
    expect(schema.parse(examples[index])).toEqual(examples[index]);
});

test.each([
  ["jobman", /^(?:job=\$\()?jobman ([^#\n]*?)\)?(?: *#.*)?$/gm],
  ["coming-from-slurm", /^ {4}jobman (.*)$|`jobman ([^`]*)`/gm],
  ["datasets", /^ {4}jobman (.*)$/gm],
] as const)("every command line of the page %s can be read", async (name, pattern) => {
  const { readArguments } = await import("../arguments/read-arguments.ts");
  const { findCommand, commonOptions } = await import("../commands/table.ts");
  const lines = [...page(name).matchAll(pattern)].map(([, line, inText]) => line ?? inText ?? "");
  expect(lines.length).toBeGreaterThan(2);
  for (const line of lines) {
    const [word = "", ...words] = line.trim().split(/ +/);
    const command = findCommand(word);
    if (command === undefined) throw new Error(`the guide names no command in: ${line}`);
    const options = [...command.options, ...commonOptions];
    readArguments(words, { command: word, options, operands: command.operands });
  }
});
