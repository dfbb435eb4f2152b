import { fileSink } from "../../files/line-sink.ts";
import type { JournalEntry } from "../../records/entry.ts";
import { openJournal } from "../../records/journal.ts";

/**
 * Appends numbered wishes as fast as it can and shortens the journal without a pause, until it is killed.
 * Each number is printed once its entry is on the disk.
 */
const [file = "", first = "0"] = process.argv.slice(2);
const living = new Set<number>();
const { journal } = await openJournal(fileSink(file), (entry) => {
  if (entry.kind === "stop") living.add(Number(entry.id));
});

function stop(number: number): JournalEntry {
  return { kind: "stop", id: String(number), by: "user", at: 0 };
}

async function writeOn(start: number, step: number): Promise<never> {
  for (let number = start; ; number += step) {
    await journal.append([stop(number)]);
    living.add(number);
    process.stdout.write(`${number}\n`);
  }
}

async function shortenOn(): Promise<never> {
  for (;;) await journal.shorten(() => [...living].map(stop));
}

const writers = 5;
const lives = Array.from({ length: writers }, (_, index) => writeOn(Number(first) + index, writers));
await Promise.all([...lives, shortenOn()]);
