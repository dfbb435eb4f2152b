import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { paths, shellInImage } from "@workstation/images/test";
import { describe, expect, onTestFinished, test } from "vitest";

/** A command of the user's own in the place of the one that ends the desktop: it says that it was called. */
const fakeEnd =
  "mkdir -p ~/.local/bin && printf '#!/bin/sh\\necho desktop ended\\n' >~/.local/bin/stop-desktop && chmod +x ~/.local/bin/stop-desktop";

/** Runs lines in a fresh desktop image with a persistent home on the host. */
async function inDesktop(...lines: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), "workstation-image-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o777);
  const binds = [{ source: folder, target: paths.persistentHome, readOnly: false }];
  const ended = await shellInImage([fakeEnd, ...lines].join("\n"), { binds });
  return { ...ended, folder, saved: join(folder, "saved-from-desktop") };
}

describe("workstation-shutdown --list", () => {
  test("names files of the home and of /tmp, and nothing that is kept, brought by the image or made again", async () => {
    const { stdout, stderr } = await inDesktop(
      "mkdir -p ~/study/__pycache__ ~/.config/program && cd ~",
      "touch 'study/a b' study/ümlaut study/__pycache__/x.pyc .config/program/settings persistent-home/kept",
      "echo 1 >/tmp/result.csv; echo 1 >/var/tmp/other; mkdir -p /tmp/cache-7 && echo 1 >/tmp/cache-7/x",
      "echo more >>application-examples/README.md",
      "workstation-shutdown --list | sort",
    );
    expect(stdout.trim().split("\n"), stderr).toEqual([
      `${paths.applicationExamples}/README.md`,
      `${paths.home}/study/a b`,
      `${paths.home}/study/ümlaut`,
      "/tmp/result.csv",
      "/var/tmp/other",
    ]);
  });

  test("names files below /tmp/home, which is not the home, and writes control characters as the shell would take them", async () => {
    const { stdout, stderr } = await inDesktop(
      "mkdir -p /tmp$HOME && touch /tmp$HOME/result $'/tmp/red\\e[31m' $'/tmp/two\\nlines'",
      "workstation-shutdown --list | sort",
    );
    expect(stdout.trim().split("\n"), stderr).toEqual([
      "$'/tmp/red\\E[31m'",
      "$'/tmp/two\\nlines'",
      `/tmp${paths.home}/result`,
    ]);
  });

  test("names the files of a home below /tmp once", async () => {
    const { stdout, stderr } = await inDesktop(
      "export HOME=/tmp/elsewhere; mkdir -p $HOME && touch $HOME/result",
      "workstation-shutdown --list",
    );
    expect(stdout, stderr).toBe("/tmp/elsewhere/result\n");
  });

  test("is silent in a fresh desktop", async () => {
    const { stdout, stderr } = await inDesktop("workstation-shutdown --list");
    expect(stdout, stderr).toBe("");
  });
});

describe("workstation-shutdown --copy", () => {
  test("copies every file with its path, ends the desktop, and has then nothing left to copy", async () => {
    const { stdout, stderr, saved } = await inDesktop(
      "mkdir -p ~/study && printf 1 >~/study/'new\nline' && printf 2 >/tmp/result",
      "workstation-shutdown --copy && workstation-shutdown --list",
    );
    expect(stdout, stderr).toBe("desktop ended\n");
    expect(await readFile(join(saved, "home/study/new\nline"), "utf8")).toBe("1");
    expect(await readFile(join(saved, "tmp/result"), "utf8")).toBe("2");
  });

  test("never writes over an earlier copy", async () => {
    const { saved, stderr } = await inDesktop(
      "printf first >~/note && workstation-shutdown --copy",
      "printf second >~/note && workstation-shutdown --copy",
    );
    expect((await readdir(join(saved, "home"))).toSorted(), stderr).toEqual(["note", "note.~1~"]);
    expect(await readFile(join(saved, "home/note"), "utf8")).toBe("second");
  });

  test("leaves the desktop running when a file could not be copied, and says which", async () => {
    const { exitCode, stdout, stderr } = await inDesktop(
      "printf 1 >~/readable; printf 2 >~/unreadable; chmod 0 ~/unreadable",
      "workstation-shutdown --copy",
    );
    expect(stdout).toBe("");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/unreadable[\s\S]*not everything could be copied; the desktop stays/);
  });
});

describe("workstation-shutdown in a terminal", () => {
  /** `script` gives the program a terminal, whose input are these characters. */
  const inTerminal = (input: string) => `printf '${input}' | script -qec workstation-shutdown /dev/null`;

  test("shows what would be lost, copies it when told so, and ends the desktop", async () => {
    const { stdout, saved } = await inDesktop("head -c 2000 /dev/zero >~/model", inTerminal("c\\n"));
    expect(stdout).toContain("1 file (2.0kB) lies outside persistent-home");
    expect(stdout).toContain("~/model");
    expect(stdout).toContain("desktop ended");
    expect(await readdir(join(saved, "home"))).toEqual(["model"]);
  });

  test("ends the desktop without the files when told so", async () => {
    const { stdout, folder } = await inDesktop("echo 1 >~/model", inTerminal("d\\n"));
    expect(stdout).toContain("desktop ended");
    expect(await readdir(folder)).not.toContain("saved-from-desktop");
  });

  test("does nothing at any other answer", async () => {
    const { stdout, exitCode } = await inDesktop("echo 1 >~/model", inTerminal("\\n"));
    expect(stdout).toContain("The desktop stays.");
    expect(stdout).not.toContain("desktop ended");
    expect(exitCode).toBe(1);
  });

  test("says when there is no persistent storage at all", async () => {
    const { stdout } = await shellInImage(`${fakeEnd}; ${inTerminal("n\\n")}`);
    expect(stdout).toContain("no persistent storage");
  });
});

test("where nobody can be asked it says so, and ends with 2", async () => {
  const { exitCode, stderr } = await inDesktop("workstation-shutdown </dev/null");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("say --copy or --discard");
});

test("an argument that it does not know is refused with the usage", async () => {
  const { exitCode, stderr } = await inDesktop("workstation-shutdown --now");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/not understood: --now[\s\S]*usage:/);
});
