import { execFileSync } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openAppendFile } from "../files/append-file.ts";
import { fileSink } from "../files/line-sink.ts";
import type { JournalEntry } from "./entry.ts";
import { createJournal, openJournal } from "./journal.ts";

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

async function open() {
  const entries: JournalEntry[] = [];
  return { ...(await openJournal(fileSink(file), (entry) => entries.push(entry))), entries };
}

async function write(...batches: readonly (readonly JournalEntry[])[]): Promise<void> {
  const { journal } = await open();
  await Promise.all(batches.map((batch) => journal.append(batch)));
  await journal.close();
}

async function read() {
  const { journal, entries, damaged } = await open();
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

test("a line longer than any text can be is a damaged line, and is not taken into memory", async () => {
  await write([stop("a")]);
  // A hole in the file: 600 MB of zero bytes that take no room.
  await truncate(file, 600e6);
  await appendFile(file, "\n");
  await write([stop("b")]);
  expect(await read()).toEqual({ entries: [stop("a"), stop("b")], damaged: 1 });
});

test("a file in the place of a rewriting that a crash left is worth nothing", async () => {
  await write([stop("a")]);
  await writeFile(`${file}.new`, '{"kind":"stop","id":"b","by":"user","at":1}\n');
  const { journal } = await open();
  await journal.shorten(() => [stop("c")]);
  await journal.close();
  expect((await read()).entries).toEqual([stop("c")]);
});

test("shortening keeps what lives, and what is appended meanwhile, also by those who have not acted on it yet", async () => {
  const { journal } = await open();
  const memory = new Set(["old"]);
  const add = async (id: string): Promise<void> => {
    await journal.append([stop(id)]);
    for (let steps = 0; steps < 20; steps += 1) await undefined;
    memory.add(id);
  };
  const before = Array.from({ length: 50 }, (_, index) => add(`before-${index}`));
  const living = function* () {
    for (const id of [...memory]) yield stop(id);
    during.push(...Array.from({ length: 50 }, (_, index) => add(`during-${index}`)));
  };
  const during: Promise<void>[] = [];
  const shortened = journal.shorten(living);
  const after = add("after");
  await Promise.all([...before, shortened, after]);
  await Promise.all([...during, add("last")]);
  await journal.close();
  const ids = (await read()).entries.flatMap((entry) => ("id" in entry ? [entry.id] : []));
  expect(new Set(ids)).toEqual(memory);
});

test("it shortens itself when that would halve it, and not before", async () => {
  const journal = createJournal(await openAppendFile(file), 1000);
  const size = async () => (await stat(file)).size;
  journal.keepShort(
    () => [stop("alive")],
    (error) => {
      throw error;
    },
  );
  const line = JSON.stringify(stop("1")).length + 1;
  for (let written = 0; written + line <= 1000; written += line) await journal.append([stop("1")]);
  expect(await size()).toBeGreaterThan(1000 - line);
  await journal.append([stop("1")]);
  await expect.poll(size).toBeLessThan(2 * line);
  for (let written = 0; written < 800; written += line) await journal.append([stop("2")]);
  expect(await size()).toBeGreaterThan(800);
  await journal.close();
  expect((await read()).entries[0]).toEqual(stop("alive"));
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("a full disk refuses the entries, leaves no half of them, and is got over", async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  try {
    const { journal } = await open();
    await journal.append([stop("a")]);
    const ballast = join(folder, "ballast");
    await writeFile(ballast, Buffer.alloc(48 * 1024));
    const large = stop("x".repeat(40_000));
    await expect(journal.append([large])).rejects.toMatchObject({ code: "STORAGE_FULL" });
    await expect(journal.shorten(() => [large])).rejects.toMatchObject({ code: "STORAGE_FULL" });
    expect((await readFile(file, "utf8")).split("\n")).toHaveLength(2);
    await rm(ballast);
    await journal.append([stop("b")]);
    await journal.close();
    expect((await read()).entries).toEqual([stop("a"), stop("b")]);
  } finally {
    execFileSync("umount", [folder]);
  }
});
