import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileSink } from "../files/line-sink.ts";
import { openJournal } from "./journal.ts";

const writer = fileURLToPath(new URL("testing/tireless-writer.ts", import.meta.url));
const rounds = 8;

/** Runs a writer until some time after its first entry, kills it, and answers what it had said was on the disk. */
async function writeUntilKilled(file: string, first: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [writer, file, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    begin();
  });
  const ended = new Promise((resolve) => child.on("close", resolve));
  await Promise.race([begun, ended]);
  // At any moment: between two steps of a shortening, too.
  await delay(Math.random() * 100);
  child.kill("SIGKILL");
  await ended;
  return said.split("\n").slice(0, -1);
}

test(`what was on the disk is there after kill -9, also in the middle of a shortening (${rounds} times)`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "jobman-journal-crash-"));
  const file = join(folder, "jobs.jsonl");
  try {
    const promised = new Set<string>();
    const files = new Set<number>();
    for (let round = 0; round < rounds; round += 1) {
      for (const number of await writeUntilKilled(file, round * 1e6)) promised.add(number);
      const there = new Set<string>();
      const { journal, damaged } = await openJournal(fileSink(file), (entry) => {
        if (entry.kind === "stop") there.add(entry.id);
      });
      await journal.close();
      expect([damaged, [...promised].filter((number) => !there.has(number))]).toEqual([0, []]);
      files.add((await stat(file)).ino);
    }
    expect(promised.size).toBeGreaterThan(rounds * 5);
    // A shortening puts another file in its place.
    expect(files.size).toBeGreaterThan(1);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
