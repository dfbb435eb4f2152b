import type { OptionSpecification } from "../arguments/specification.ts";
import type { Command } from "../commands/command.ts";
import { commands, commonOptions } from "../commands/table.ts";
import { version } from "../version.ts";

/** What `jobman` without arguments says. */
export function welcomeText(): string {
  return `${versionText()}
Documentation: docs/guide/jobman.md of the workstation images, and jobman COMMAND --help

Usage examples:
  jobman images
  jobman image-details -i ubuntu-python
  jobman submit -i ubuntu-python -j job1 -r no-gpu -- python persistent-home/myScript.py
  jobman list
  jobman logs -j job1
  jobman delete -j job1
  jobman submit -i ubuntu-python:latest-cuda -r small-gpu -- nvidia-smi

Type jobman --help to see a list of supported commands and more.
`;
}

/** The line that scripts read the version from. */
export function versionText(): string {
  return `jobman version '${version}'`;
}

/** What `jobman --help` says. */
export function generalHelp(): string {
  const rows = commands.map((command) => [command.name, command.summary] as const);
  return `Usage: jobman [OPTIONS] COMMAND [COMMAND'S OPTIONS]

Puts jobs into the queue and shows what becomes of them. Commands may be written in any case.

Commands:
${columns(rows)}
Options of every command:
${columns([...commonOptions, versionOption].map(optionRow))}
Exit codes:
${columns(exitCodeRows)}
jobman COMMAND --help says more about a command. Where the scheduler is not found, JOBMAN_SOCKET names its socket,
or JOBMAN_URL its address, JOBMAN_TOKEN_FILE the file of your token and JOBMAN_CA_FILE that of the authority it is certified by.
`;
}

/** What `jobman COMMAND --help` says. */
export function commandHelp(command: Command): string {
  const own = command.options.length === 0 ? "" : `\nOptions:\n${columns(command.options.map(optionRow))}`;
  const notes = (command.notes ?? []).map((note) => `\n${wrapped(note)}\n`).join("");
  const operands = { none: "", one: " [NAME]", rest: " [--] [ARGUMENTS]" }[command.operands];
  return `Usage: jobman ${command.name} [OPTIONS]${operands}

${capitalized(command.summary)}.
${own}
Options of every command:
${columns(commonOptions.map(optionRow))}
Examples:
${command.usage.map((line) => `  jobman ${line}\n`).join("")}${notes}`;
}

/** Every exit code and its meaning, for the help and the guide. */
export const exitCodeRows: readonly (readonly [string, string])[] = [
  ["0", "it worked; for a followed job: it succeeded"],
  ["1..255", "submit --wait, logs -f: the job's own code, 128+n when signal n ended it; 1 when it never ran"],
  ["2", "wrong usage; unknown flavor, image or value; a name that is taken"],
  ["3", "no such job, or not yours"],
  ["69", "the scheduler or what a flavor needs is not there, or its operator is needed"],
  ["70", "a fault of the program"],
  ["75", "a limit: try again later"],
  ["77", "not allowed, e.g. a dataset that was not granted"],
  ["124", "--timeout is over; the job goes on"],
  ["130", "detached by Ctrl-C; the job goes on"],
];

const versionOption: OptionSpecification = { long: "version", short: "v", summary: "the version" };

function optionRow(option: OptionSpecification): readonly [string, string] {
  const short = option.short === undefined ? "    " : `-${option.short}, `;
  const value = option.value === undefined ? "" : ` ${option.value}`;
  return [`${short}--${option.long}${value}`, option.summary];
}

const textWidth = 100;

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < textWidth)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
