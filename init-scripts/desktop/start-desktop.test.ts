import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { hindrances } from "../hindrances.ts";
import { giveToUser, type PlainStart, preparePlainStart } from "../plain-start.ts";

/** Lines of shell with the desktop's functions loaded. */
function withParts(start: PlainStart, lines: string, env: Readonly<Record<string, string>> = {}) {
  const parts = join(start.root, "usr/local/lib/workstation/desktop");
  const line = `set -euo pipefail; parts=${parts}; lib=$parts/..
    for each in ../log ../small-file settings passwords host-keys; do . $parts/$each.sh; done\n${lines}`;
  return start.start(["bash", "-c", line], { script: "/usr/bin/env", env });
}

describe("what may pass", () => {
  const show =
    'read_directions; echo "$CLIPBOARD_IN $CLIPBOARD_OUT $FILES_UPLOAD $FILES_DOWNLOAD $WORKSTATION_SFTP"';

  test.each([
    [undefined, "yes no yes no true"],
    ["CLIPBOARD_IN=no\nCLIPBOARD_OUT=yes\nFILES_UPLOAD=no\nFILES_DOWNLOAD=no\n", "no yes no no false"],
    ["FILES_UPLOAD=no\nFILES_DOWNLOAD=yes\nPATH=/evil\n", "yes no no yes true"],
    ["FILES_UPLOAD=$(touch /tmp/x)\nCLIPBOARD_OUT=1\n", "yes 1 $(touch /tmp/x) no false"],
  ])("is read from the site's file, of which nothing is executed: %j", async (text, shown) => {
    const start = await preparePlainStart();
    if (text !== undefined) {
      await mkdir(join(start.root, "etc/workstation"), { recursive: true });
      await writeFile(join(start.root, "etc/workstation/desktop.conf"), text);
    }
    expect((await withParts(start, show)).stdout).toBe(`${shown}\n`);
  });
});

describe("the private folder", () => {
  test("is empty, closed to others, and in memory: elsewhere than a run folder that is on a disk", async () => {
    const start = await preparePlainStart();
    const run = await mkdtemp("/dev/shm/desktop-test-");
    onTestFinished(() => rm(run, { recursive: true, force: true }));
    await giveToUser(run);
    const make =
      'make_private_folder; stat -f -c %T "$WORKSTATION_DESKTOP"; stat -c %a "$WORKSTATION_DESKTOP"; echo "$WORKSTATION_DESKTOP"';
    const inMemory = await withParts(
      start,
      `mkdir $WORKSTATION_RUN/desktop; touch $WORKSTATION_RUN/desktop/old; ${make}; ls $WORKSTATION_DESKTOP`,
      {
        WORKSTATION_RUN: run,
      },
    );
    expect(inMemory.stdout).toBe(`tmpfs\n700\n${run}/desktop\n`);
    const onDisk = await withParts(
      start,
      `in_memory() { [ "$1" = /dev/shm ]; }; ${make}; rm -r "$WORKSTATION_DESKTOP"`,
    );
    expect(onDisk.stdout).toMatch(/^tmpfs\n700\n\/dev\/shm\/workstation-\d+\n$/);
  });

  test("is refused where there is none in memory", async () => {
    const ended = await withParts(
      await preparePlainStart(),
      "in_memory() { return 1; }; make_private_folder",
    );
    expect(ended).toMatchObject({ code: 1 });
    expect(ended.stderr).toContain("a tmpfs at /run/workstation");
  });
});

describe("host keys", () => {
  const provide =
    "export WORKSTATION_DESKTOP=$(mktemp -d); provide_host_keys; cat $WORKSTATION_DESKTOP/ssh_host_ed25519_key; stat -c %a $WORKSTATION_DESKTOP/*key";

  test("are made once, kept in the persistent home, and the same at the next start", async () => {
    const start = await preparePlainStart();
    const first = await withParts(start, provide);
    expect(first.stdout, first.stderr).toMatch(/PRIVATE KEY-----\n600\n600\n$/);
    expect((await withParts(start, provide)).stdout).toBe(first.stdout);
    const kept = join(start.persistentHome, ".workstation/host-keys/ssh_host_ed25519_key");
    expect(first.stdout).toContain(await readFile(kept, "utf8"));
    expect((await stat(kept)).mode & 0o77).toBe(0);
  });

  test("of the site's volume come first, whatever its rights are", async () => {
    const start = await preparePlainStart();
    const volume = join(start.root, "etc/workstation/host-keys");
    await mkdir(volume, { recursive: true });
    await giveToUser(volume);
    const made = await withParts(start, provide);
    await chmod(join(volume, "ssh_host_ed25519_key"), 0o644);
    expect((await withParts(start, provide)).stdout, made.stderr).toBe(made.stdout);
    expect(made.stdout).toContain(await readFile(join(volume, "ssh_host_ed25519_key"), "utf8"));
  });

  test("that are broken are left alone and said, and this start has its own", async () => {
    const start = await preparePlainStart();
    const folder = join(start.persistentHome, ".workstation/host-keys");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "ssh_host_ed25519_key"), "nonsense");
    const { stdout, stderr } = await withParts(start, provide);
    expect(stdout).toContain("PRIVATE KEY-----");
    expect(stderr).toContain(
      "ssh_host_ed25519_key cannot be used or kept (it is no key without a passphrase): this start has one of its own",
    );
    expect(await readFile(join(folder, "ssh_host_ed25519_key"), "utf8")).toBe("nonsense");
  });

  test.each(Object.entries(hindrances))(
    "in whose place %s lies do not hold up the start, which has its own",
    async (...row) => {
      const [, { make, fault }] = row;
      const start = await preparePlainStart();
      const folder = join(start.persistentHome, ".workstation/host-keys");
      await mkdir(folder, { recursive: true });
      await giveToUser(folder);
      make(join(folder, "ssh_host_ed25519_key"));
      const { stdout, stderr } = await withParts(start, provide);
      expect(stdout, stderr).toMatch(/PRIVATE KEY-----\n600\n600\n$/);
      expect(stderr).toContain(`ssh_host_ed25519_key cannot be used or kept (${fault(16_384)})`);
    },
  );
});
