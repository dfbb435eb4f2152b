import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { giveToUser, type PlainStart, preparePlainStart } from "../plain-start.ts";

/** The private folder of a desktop that runs, with the passwords that it made. */
async function runningDesktop(
  passwords: Readonly<Record<string, string>>,
): Promise<{ readonly start: PlainStart; readonly folder: string; readonly command: string }> {
  const start = await preparePlainStart();
  const folder = join(start.run, "desktop");
  await mkdir(folder, { mode: 0o700 });
  await giveToUser(folder);
  for (const [name, content] of Object.entries({
    "desktop.pid": "1\n",
    "passwords-made": "",
    ...passwords,
  })) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    await giveToUser(join(folder, name));
  }
  return { start, folder, command: join(start.root, "usr/local/bin/workstation-passwords") };
}

describe("workstation-passwords", () => {
  test("shows what the desktop made, a line each, and only once", async () => {
    const { start, folder, command } = await runningDesktop({
      "vnc-password": "abc2345x\n",
      "ssh-password": "long\n",
    });
    expect(await start.start([], { script: command })).toMatchObject({
      stdout: "VNC abc2345x\nSSH long\n",
      stderr: "",
      code: 0,
    });
    expect(await readdir(folder)).toEqual(["desktop.pid", "passwords-made"]);
    const again = await start.start([], { script: command });
    expect(again).toMatchObject({ stdout: "", code: 1 });
    expect(again.stderr).toContain("passwords are shown once");
  });

  test("shows the one that was made where the other one was given", async () => {
    const { start, command } = await runningDesktop({ "ssh-password": "long\n" });
    expect(await start.start([], { script: command })).toMatchObject({ stdout: "SSH long\n", code: 0 });
  });

  test("of two who ask at once one gets each password", async () => {
    const { start, command } = await runningDesktop({ "vnc-password": "abc2345x\n", "ssh-password": "l\n" });
    const both = await Promise.all([1, 2].map(() => start.start([], { script: command })));
    const shown = both.map((each) => each.stdout).join("");
    expect(shown.match(/VNC/g)).toHaveLength(1);
    expect(shown.match(/SSH/g)).toHaveLength(1);
  });
});
