import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JournalEntry } from "./entry.ts";
import { openJournal } from "./journal.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "jobman-journal-"));
  file = join(folder, "jobs.jsonl");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function stop(id: string): JournalEntry {
  return { kind: "stop", id, by: "user", at: 1 };
}

async function write(...batches: readonly (readonly JournalEntry[])[]): Promise<void> {
  const { journal } = await openJournal(file);
  await Promise.all(batches.map((batch) => journal.append(batch)));
  await journal.close();
}

async function read() {
  const { journal, entries, damaged } = await openJournal(file);
  await journal.close();
  return { entries, damaged };
}

test("what was appended is read again, in its order, by its owner alone", async () => {
  await write([stop("a"), stop("b")], [stop("c\n\u2028")]);
  expect(await read()).toEqual({ entries: [stop("a"), stop("b"), stop("c\n\u2028")], damaged: 0 });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a half-written last line is cut off, and what is appended then is whole", async () => {
  await write([stop("a")]);
  await appendFile(file, '{"kind":"stop","id":"b","by');
  await write([stop("c")]);
  expect(await read()).toEqual({ entries: [stop("a"), stop("c")], damaged: 0 });
});

test("a damaged line in the middle costs that line alone", async () => {
  await write([stop("a")]);
  await appendFile(file, 'nonsense\n{"kind":"unheard-of"}\n');
  await write([stop("b")]);
  expect(await read()).toEqual({ entries: [stop("a"), stop("b")], damaged: 2 });
});

test("rewriting replaces everything, and appending goes on behind it", async () => {
  const { journal } = await openJournal(file);
  await journal.append([stop("a")]);
  await Promise.all([journal.rewrite([stop("b")]), journal.append([stop("c")])]);
  await journal.close();
  expect((await read()).entries).toEqual([stop("b"), stop("c")]);
});

test("a link in its place is not followed", async () => {
  const other = join(folder, "other");
  await writeFile(other, "");
  execFileSync("ln", ["-s", other, file]);
  await expect(openJournal(file)).rejects.toThrow(/ELOOP/);
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("a full disk refuses the entries, leaves no half of them, and is got over", async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  try {
    const { journal } = await openJournal(file);
    await journal.append([stop("a")]);
    const ballast = join(folder, "ballast");
    await writeFile(ballast, Buffer.alloc(48 * 1024));
    const large = stop("x".repeat(40_000));
    await expect(journal.append([large])).rejects.toMatchObject({ code: "STORAGE_FULL" });
    await expect(journal.rewrite([large])).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect((await readFile(file, "utf8")).split("\n")).toHaveLength(2);
    await rm(ballast);
    await journal.append([stop("b")]);
    await journal.close();
    expect((await read()).entries).toEqual([stop("a"), stop("b")]);
  } finally {
    execFileSync("umount", [folder]);
  }
});
