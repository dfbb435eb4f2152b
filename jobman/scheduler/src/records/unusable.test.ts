import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileSink } from "../files/line-sink.ts";
import { openAuditLog } from "./audit-log.ts";
import { openJournal } from "./journal.ts";

const isRoot = process.getuid?.() === 0;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "jobman-unusable-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const reserve = { place: "the disk", isTouched: async () => false };
const openers: readonly [string, (file: string) => Promise<unknown>][] = [
  ["jobs.jsonl", (file) => openJournal(fileSink(file), () => undefined)],
  [
    "audit.jsonl",
    (file) => openAuditLog(fileSink(file), { now: Date.now, reserve, onFault: () => undefined }),
  ],
];

const hint = expect.stringContaining("mend it or move it away");

describe.each(openers)("%s", (name, open) => {
  test.each([
    ["a link", (file: string) => symlinkSync("elsewhere", file), /symbolic link/],
    ["a folder", (file: string) => mkdirSync(file), /is a folder/],
    [
      "a pipe, of which nothing would ever be read",
      (file: string) => execFileSync("mkfifo", [file]),
      /ordinary file/,
    ],
  ])("as %s is said to be so, with its name and the way out", async (_, make, what) => {
    const file = join(folder, name);
    make(file);
    const error = await open(file).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "STATE_UNWRITABLE", message: expect.stringMatching(what), hint });
    expect(error).toMatchObject({ message: expect.stringContaining(file) });
  });

  test.runIf(isRoot)("that may not be written is said to be so", async () => {
    const file = join(folder, name);
    writeFileSync(file, "");
    execFileSync("mount", ["--bind", folder, folder]);
    execFileSync("mount", ["-o", "remount,bind,ro", folder]);
    try {
      const message = expect.stringContaining("may not be written");
      await expect(open(file)).rejects.toMatchObject({ code: "STATE_UNWRITABLE", message, hint });
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});
