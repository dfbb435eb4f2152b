import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContainerOptions, runInImage } from "@workstation/images/test";
import { expect, onTestFinished, test } from "vitest";
import { besideDesktop } from "./own-desktop.ts";

test("passwords are made anew at each start, differ, are shown once, and lie in no argument, environment, log or disk", async () => {
  const { stdout, stderr } = await besideDesktop(`
    begin; passwords; cp /tmp/passwords /dev/shm/first; rm /tmp/passwords /tmp/answer 2>/dev/null
    workstation-passwords; echo "second time: $?"
    found() {
      for word in $(sed 's/^[A-Z]* //' /dev/shm/first); do
        grep -lsaF -e "$word" /proc/[0-9]*/cmdline /proc/[0-9]*/environ "$log"
        grep -rlsaF -e "$word" ~ /tmp /var/tmp /run --exclude-dir=proc
      done
    }
    answer=; word=; found
    kill -TERM $desktop; wait $desktop; echo "ended with $?"
    begin; passwords; sort -u /dev/shm/first /tmp/passwords | cut -d' ' -f1`);
  expect(stdout, stderr).toBe("second time: 1\nended with 0\nSSH\nSSH\nVNC\nVNC\n");
  expect(stderr).toContain("passwords are shown once");
});

test("given passwords are used, with Windows line ends too, and never shown", async () => {
  const { stdout, stderr } = await besideDesktop(
    `begin; workstation-passwords; answer="given for files"
    client ssh -p 2222 "$me@127.0.0.1" >&2; logins
    file=$(find /run/workstation /dev/shm -name rfbauth); printf 'given123' | tigervncpasswd -f | cmp - $file && echo same`,
    await withSecrets({ "vnc-password": "given123\r\n", "ssh-password": "given for files" }),
  );
  expect(stdout, stderr).toBe("1\nsame\n");
});

test.each([
  ["empty", "", /^workstation: \/run\/secrets\/vnc-password is empty or cannot be read$/m],
  ["too short", "seven77\n", /^workstation: the VNC password is refused: it has less than 8 characters$/m],
])(
  "a VNC password that is %s ends the start with its reason, not with a password of its own",
  async (...row) => {
    const [, text, words] = row;
    const ended = await runInImage(["start-desktop"], await withSecrets({ "vnc-password": text }));
    expect(ended.exitCode, ended.stderr).toBe(1);
    expect(ended.stderr).toMatch(words);
  },
);

async function withSecrets(files: Readonly<Record<string, string>>): Promise<ContainerOptions> {
  const folder = await mkdtemp(join(tmpdir(), "desktop-secrets-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return { binds: [{ source: folder, target: "/run/secrets", readOnly: true }] };
}
