import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RenderedFile } from "@workstation/images";
import type { OptionSpecification } from "../../../jobman/client/src/arguments/specification.ts";
import type { Command } from "../../../jobman/client/src/commands/command.ts";
import { commands, commonOptions } from "../../../jobman/client/src/commands/table.ts";

/** What completes the value of an option or operand, by the word that the help has for it. */
const kinds: Readonly<Record<string, string>> = {
  FLAVOR: "flavor",
  "NAME[:TAG]": "image",
  NAME: "job",
  FORMAT: "format",
  FILE: "file",
};

/** Completion of jobman's command line in bash: its commands and options from jobman's own table. */
export function jobmanCompletion(): RenderedFile {
  const options = [...commonOptions, ...commands.flatMap((command) => command.options)];
  const tables = [
    `jobman_commands=${quoted(commands.map(({ name }) => name))}`,
    table("jobman_options", [
      ["common", names(commonOptions)],
      ...commands.map((command) => [command.name, names([...command.options, ...commonOptions])] as const),
    ]),
    table("jobman_values", options.flatMap(valuesOf)),
    table("jobman_operands", commands.flatMap(operandOf)),
  ];
  return {
    path: "/usr/local/share/bash-completion/completions/jobman",
    mode: 0o644,
    content: `${tables.join("\n")}\n\n${readFileSync(join(import.meta.dirname, "completion.sh"), "utf8")}`,
  };
}

function valuesOf({ long, short, value }: OptionSpecification): readonly (readonly [string, string])[] {
  const kind = kinds[value ?? ""];
  if (kind === undefined) return [];
  return [[`--${long}`, kind], ...(short === undefined ? [] : [[`-${short}`, kind] as const])];
}

/** A command that takes one bare name takes what its option of that kind takes. */
function operandOf({ name, operands, options }: Command): readonly (readonly [string, string])[] {
  const kind = options.map(({ value }) => kinds[value ?? ""]).find((each) => each !== undefined);
  return operands !== "one" || kind === undefined ? [] : [[name, kind]];
}

function names(options: readonly OptionSpecification[]): string {
  return options.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])]).join(" ");
}

function table(name: string, rows: readonly (readonly [string, string])[]): string {
  const unique = new Map(rows);
  const lines = [...unique].map(([key, value]) => `  [${key}]=${quoted([value])}`);
  return [`declare -A ${name}=(`, ...lines, ")"].join("\n");
}

function quoted(words: readonly string[]): string {
  return `'${words.join(" ").replaceAll("'", "'\\''")}'`;
}
