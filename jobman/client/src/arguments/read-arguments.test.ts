import fc from "fast-check";
import { expect, test } from "vitest";
import { readArguments } from "./read-arguments.ts";
import type { Operands, OptionSpecification } from "./specification.ts";

const options: readonly OptionSpecification[] = [
  { long: "name", short: "n", value: "NAME", summary: "" },
  { long: "env", short: "e", value: "K=V", repeatable: true, summary: "" },
  { long: "follow", short: "f", summary: "" },
  { long: "quiet", short: "q", summary: "" },
];

function read(words: readonly string[], operands: Operands = "rest") {
  return readArguments(words, { command: "test", options, operands });
}

test.each([[["--name", "a"]], [["--name=a"]], [["-n", "a"]], [["-na"]], [["-fqn", "a"]], [["-fqna"]]])(
  "%j names a",
  (words) => {
    expect(read(words).value("name")).toBe("a");
  },
);

test("a value may be empty, hold an equals sign or look like an option", () => {
  expect(read(["--name="]).value("name")).toBe("");
  expect(read(["--name", ""]).value("name")).toBe("");
  expect(read(["--env=A=B=C", "-e", "--x"]).values("env")).toEqual(["A=B=C", "--x"]);
});

test("options may stand behind an operand where there is no command line to keep", () => {
  const given = read(["job1", "-f"], "one");
  expect([given.operands, given.has("follow")]).toEqual([["job1"], true]);
});

test.each([
  [["-x"], "rest", '"-x"'],
  [["-fx"], "rest", '"-fx"'],
  [["--name"], "rest", '"--name" needs a value (NAME)'],
  [["--quiet=1"], "rest", '"--quiet" takes no value'],
  [["-n", "a", "-n", "b"], "rest", '"a" and "b"'],
  [["a", "b"], "one", '"b"'],
  [["a"], "none", '"a"'],
  [["--", "-f"], "none", '"-f"'],
  [["--constructor"], "rest", '"--constructor"'],
] as const)("%j is refused with its cause", (words, operands, cause) => {
  expect(() => read(words, operands)).toThrow(cause);
});

test("options behind the first word of a command line are the command's", () => {
  const given = read(["-q", "ls", "-f", "--name", "x", "--", "-"]);
  expect([given.operands, given.has("follow")]).toEqual([["ls", "-f", "--name", "x", "--", "-"], false]);
});

test("what stands behind -- is kept whatever it is", () => {
  const word = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(fc.array(word), fc.array(fc.constantFrom("-f", "--quiet", "-e=x")), (rest, before) => {
      expect(read([...before, "--", ...rest]).operands).toEqual(rest);
    }),
  );
});

test("what begins with a word is kept whatever follows", () => {
  const first = fc.string({ unit: "binary" }).filter((word) => !word.startsWith("-") || word === "-");
  fc.assert(
    fc.property(first, fc.array(fc.string({ unit: "binary" })), (word, rest) => {
      expect(read(["-f", word, ...rest]).operands).toEqual([word, ...rest]);
    }),
  );
});
