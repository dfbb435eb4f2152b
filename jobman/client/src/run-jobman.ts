import { createReporter, runCommand, UserError } from "@workstation/cli";
import { readArguments } from "./arguments/read-arguments.ts";
import type { Arguments } from "./arguments/specification.ts";
import type { Command } from "./commands/command.ts";
import { commands, commonOptions, findCommand } from "./commands/table.ts";
import type { Context, Settings } from "./context.ts";
import { commandHelp, generalHelp } from "./help/help-text.ts";
import type { Io } from "./io.ts";
import { chosenFormat } from "./output/formats.ts";
import { quickAnswer } from "./quick-answer.ts";

/** Runs one command line (without the program's name) and returns its exit code; faults are told on stderr. */
export async function runJobman(words: readonly string[], io: Io): Promise<number> {
  return runCommand(() => dispatch(words, io), io.stderr);
}

async function dispatch(words: readonly string[], io: Io): Promise<number | undefined> {
  const quick = quickAnswer(words);
  if (quick !== undefined) return say(io, quick);
  const before = readArguments(words, { command: "", options: commonOptions, operands: "rest" });
  const [name, ...rest] = before.operands;
  if (before.has("help") || name === undefined) return say(io, generalHelp());
  const command = namedCommand(name);
  const options = [...command.options, ...commonOptions];
  const own = readArguments(rest, { command: command.name, options, operands: command.operands });
  if (own.has("help")) return say(io, commandHelp(command));
  return (await command.load()).run(await createContext(io, merge(before, own)));
}

function say(io: Io, text: string): undefined {
  io.stdout.write(text);
}

function namedCommand(name: string): Command {
  const command = findCommand(name);
  if (command !== undefined) return command;
  throw new UserError("NO_SUCH_COMMAND", `no command "${name}"`, {
    hint: `commands: ${commands.map((each) => each.name).join(", ")}`,
  });
}

/** Options before the command's name count as if they stood behind it. */
function merge(before: Arguments, own: Arguments): Arguments {
  return {
    value: (long) => own.value(long) ?? before.value(long),
    values: (long) => [...before.values(long), ...own.values(long)],
    has: (long) => own.has(long) || before.has(long),
    operands: own.operands,
  };
}

async function createContext(io: Io, given: Arguments): Promise<Context> {
  const quiet = given.has("quiet");
  const reporter = createReporter(quiet ? { write: () => true } : io.stderr, io.now);
  const { createApi } = await import("./api/api.ts");
  return {
    io,
    arguments: given,
    format: chosenFormat(given),
    quiet,
    settings: await settingsOf(given, io),
    reporter,
    api: createApi(io),
  };
}

async function settingsOf(given: Arguments, io: Io): Promise<Settings> {
  const path = given.value("settings");
  if (path === undefined) return {};
  const { readSettings } = await import("./settings/read-settings.ts");
  const { settings, ignored } = readSettings(path);
  if (ignored.length > 0) {
    io.stderr.write(`warning: settings without a meaning here, left aside: ${ignored.join(", ")}\n`);
  }
  return settings;
}
