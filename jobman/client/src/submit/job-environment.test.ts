import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readArguments } from "../arguments/read-arguments.ts";
import { findCommand } from "../commands/table.ts";
import { createWorld } from "../testing/captured-io.ts";
import { jobEnvironment } from "./job-environment.ts";

function environmentOf(words: readonly string[], own: Readonly<Record<string, string>> = {}) {
  const options = findCommand("submit")?.options ?? [];
  const given = readArguments(words, { command: "submit", options, operands: "rest" });
  return jobEnvironment({ arguments: given, io: createWorld(own).io });
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "env-file-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function makeFile(content: string | Uint8Array): string {
  const file = join(makeFolder(), "job.env");
  writeFileSync(file, content);
  return file;
}

test("a name alone takes the value from where jobman is called, also an empty one", () => {
  const own = { TOKEN: "s=3 cret", EMPTY: "", OTHER: "x" };
  expect(environmentOf(["-e", "TOKEN", "-eEMPTY", "-e", "A=1"], own)).toEqual({
    TOKEN: "s=3 cret",
    EMPTY: "",
    A: "1",
  });
});

test("a name that is not set is an error that names it", () => {
  expect(() => environmentOf(["-e", "TOKEN"])).toThrow('there is no variable "TOKEN" in your environment');
});

test("a file gives its lines as they are, without comments, empty lines and Windows line ends", () => {
  const file = makeFile('\ufeff# secrets\n\n  A=1\r\nB="quoted" $HOME # not a comment \nC=\n\t# more\nD=x=y');
  expect(environmentOf(["--env-file", file])).toEqual({
    A: "1",
    B: '"quoted" $HOME # not a comment ',
    C: "",
    D: "x=y",
  });
});

test("later files win over earlier ones, and --env over files wherever it stands", () => {
  const [one, two] = [makeFile("A=1\nB=1\nC=1"), makeFile("B=2\nC=2")];
  const words = ["-e", "C=3", "--env-file", one, "--env-file", two];
  expect(environmentOf(words)).toEqual({ A: "1", B: "2", C: "3" });
});

test.each(["a secret", "export A=secret", "=secret"])(
  "the line %j is refused by its place, unseen",
  (line) => {
    const file = makeFile(`A=1\n${line}\n`);
    const attempt = () => environmentOf(["--env-file", file]);
    expect(attempt).toThrow(`${file}:2 is not NAME=VALUE`);
    expect(attempt).not.toThrow(/secret/);
  },
);

test.each([
  ["of a folder", () => tmpdir(), "cannot be read"],
  ["of a file that is not there", () => "/no/such/file", "/no/such/file cannot be read"],
  ["of bytes that are no text", () => makeFile(Buffer.from("A=\xe9", "latin1")), "no UTF-8"],
  ["of a file that is too large", () => makeFile(`A=${"x".repeat(1024 * 1024)}`), "larger than"],
  ["of a device that never ends", () => "/dev/zero", "larger than"],
])("the name %s is refused with its cause", (_, path, cause) => {
  expect(() => environmentOf(["--env-file", path()])).toThrow(cause);
});

test("a pipe is read like a file", () => {
  const pipe = join(makeFolder(), "pipe");
  execFileSync("mkfifo", [pipe]);
  const writer = spawn("bash", ["-c", 'printf "A=1\\nB=2\\n" >"$1"', "bash", pipe], { stdio: "ignore" });
  onTestFinished(() => void writer.kill());
  expect(environmentOf(["--env-file", pipe])).toEqual({ A: "1", B: "2" });
});
