import { UserError } from "@workstation/cli";
import type { Arguments, Operands, OptionSpecification } from "./specification.ts";

interface Reading {
  readonly words: readonly string[];
  readonly options: readonly OptionSpecification[];
  /** Named in messages and in the hint to the help, e.g. `submit`. */
  readonly command: string;
  readonly found: Map<string, string[]>;
}

/**
 * Reads a command line by its specification: `--long value`, `--long=value`, `-s value`, `-svalue`, flags in one
 * word (`-fq`); the first `--` ends the options and is dropped, everything behind it is kept byte for byte
 * (POSIX Utility Syntax Guidelines 4 to 10). Throws `USAGE`.
 */
export function readArguments(
  words: readonly string[],
  specification: {
    readonly command: string;
    readonly options: readonly OptionSpecification[];
    readonly operands: Operands;
  },
): Arguments {
  const found = new Map<string, string[]>();
  const reading: Reading = { words, options: specification.options, command: specification.command, found };
  const operands = readWords(reading, specification.operands);
  const limit = specification.operands === "none" ? 0 : specification.operands === "one" ? 1 : words.length;
  const surplus = operands[limit];
  if (surplus !== undefined) throw usageError(reading, `unexpected argument "${surplus}"`);
  return {
    value: (long) => found.get(long)?.at(-1),
    values: (long) => found.get(long) ?? [],
    has: (long) => found.has(long),
    operands,
  };
}

function readWords(reading: Reading, kind: Operands): readonly string[] {
  const operands: string[] = [];
  for (let index = 0; index < reading.words.length; ) {
    const word = reading.words[index] ?? "";
    if (word === "--") return [...operands, ...reading.words.slice(index + 1)];
    if (!word.startsWith("-") || word === "-") {
      if (kind === "rest") return reading.words.slice(index);
      operands.push(word);
      index += 1;
    } else {
      index += word.startsWith("--") ? readLong(reading, index) : readShort(reading, index);
    }
  }
  return operands;
}

/** Returns how many words were read. */
function readLong(reading: Reading, index: number): number {
  const word = reading.words[index] ?? "";
  const equals = word.indexOf("=");
  const long = equals === -1 ? word.slice(2) : word.slice(2, equals);
  const option = reading.options.find((each) => each.long === long);
  if (option === undefined) throw usageError(reading, `unknown option "--${long}"`);
  if (equals === -1) return keep(reading, option, { index });
  if (option.value === undefined) throw usageError(reading, `option "--${long}" takes no value`);
  return keep(reading, option, { index, attached: word.slice(equals + 1) });
}

function readShort(reading: Reading, index: number): number {
  const word = reading.words[index] ?? "";
  for (let at = 1; at < word.length; at += 1) {
    const option = reading.options.find((each) => each.short === word[at]);
    if (option === undefined) throw usageError(reading, `unknown option "-${word[at]}" in "${word}"`);
    const attached = word.slice(at + 1);
    if (option.value !== undefined)
      return keep(reading, option, attached === "" ? { index } : { index, attached });
    keep(reading, option, { index });
  }
  return 1;
}

function keep(
  reading: Reading,
  option: OptionSpecification,
  { index, attached }: { readonly index: number; readonly attached?: string },
): number {
  const values = reading.found.get(option.long) ?? [];
  const separate = option.value !== undefined && attached === undefined;
  const value = separate ? reading.words[index + 1] : (attached ?? "");
  if (value === undefined)
    throw usageError(reading, `option "--${option.long}" needs a value (${option.value})`);
  if (option.repeatable !== true && option.value !== undefined && values.length > 0) {
    throw usageError(reading, `option "--${option.long}" is there twice ("${values[0]}" and "${value}")`);
  }
  reading.found.set(option.long, [...values, value]);
  return separate ? 2 : 1;
}

function usageError(reading: Reading, message: string): UserError {
  const help = reading.command === "" ? "jobman --help" : `jobman ${reading.command} --help`;
  return new UserError("USAGE", message, { hint: `see: ${help}` });
}
