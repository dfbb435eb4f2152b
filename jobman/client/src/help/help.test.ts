import { expect, test } from "vitest";
import { commands } from "../commands/table.ts";
import { runCommandLine } from "../testing/captured-io.ts";

const nowhere = "/nonexistent/jobman.sock";

test("without arguments: version, documentation and the examples of the guide", async () => {
  const run = await runCommandLine([], nowhere);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  const lines = run.stdout.split("\n");
  expect(lines[0]).toMatch(/^jobman version '\d+\.\d+\.\d+'$/);
  expect(lines[1]).toContain("ocumentation");
  for (const example of [
    "jobman images",
    "jobman image-details -i ubuntu-python",
    "jobman submit -i ubuntu-python -j job1 -r no-gpu -- python persistent-home/myScript.py",
    "jobman list",
    "jobman logs -j job1",
    "jobman delete -j job1",
    "jobman submit -i ubuntu-python:latest-cuda -r small-gpu -- nvidia-smi",
  ]) {
    expect(lines.map((line) => line.trim())).toContain(example);
  }
  expect(run.stdout).toContain("\nType jobman --help to see a list of supported commands and more.\n");
});

test.each([["-v"], ["--version"], ["-v", "submit", "--nonsense"]])("%j is the version", async (...words) => {
  const run = await runCommandLine(words, nowhere);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  expect(run.stdout).toMatch(/^jobman version '[^']+'\n$/);
});

test.each([["-h"], ["--help"], ["-h", "whatever"], ["-q", "--help"]])("%j is the help", async (...words) => {
  const run = await runCommandLine(words, nowhere);
  expect(run).toMatchObject({ exitCode: 0, stderr: "" });
  for (const command of commands) expect(run.stdout).toContain(`  ${command.name} `);
});

test.each(commands.map((command) => command.name))(
  "%s --help needs no scheduler and names its options",
  async (name) => {
    const command = commands.find((each) => each.name === name);
    const run = await runCommandLine([name, "--help"], nowhere);
    expect(run).toMatchObject({ exitCode: 0, stderr: "" });
    for (const option of command?.options ?? []) expect(run.stdout).toContain(`--${option.long}`);
    for (const line of run.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(110);
  },
);

test("an unknown command is named, with those that there are", async () => {
  const run = await runCommandLine(["sbumit"], nowhere);
  expect(run).toMatchObject({ exitCode: 2, stdout: "" });
  expect(run.stderr).toContain('no command "sbumit"');
  expect(run.stderr).toContain(commands.map((command) => command.name).join(", "));
});
