import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { againCommand } from "./again-command.ts";

test("a command is shown as it was typed, with every option", () => {
  const argv = [
    "run",
    "ubuntu-desktop",
    "--site",
    "other.yaml",
    "--name",
    "mine",
    "--publish",
    "8888",
    "--web",
  ];
  expect(againCommand(argv)).toBe(
    "npm run images -- run ubuntu-desktop --site other.yaml --name mine --publish 8888 --web",
  );
});

test("a shell reads the same words from it, whatever is in them", () => {
  const argv = [
    "run",
    "a b",
    "it's",
    "$HOME",
    "`id`",
    "*",
    "",
    "two\nlines",
    "A=1",
    "=ls",
    "ümlaut",
    ";",
    "--web",
  ];
  const line = againCommand(argv).replace("npm run images --", "printf '%s\\0'");
  expect(execFileSync("bash", ["-c", line], { encoding: "utf8" }).split("\0").slice(0, -1)).toEqual(argv);
});
