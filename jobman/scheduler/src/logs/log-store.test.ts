import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFile, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../testing/until.ts";
import { createLogStore, type LogStore } from "./log-store.ts";
import { type Cursor, countLines } from "./position.ts";
import type { LogEntry } from "./read-log.ts";

let folder: string;
let faults: unknown[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "workstation-logs-"));
  faults = [];
});
afterEach(() => rm(folder, { recursive: true }));

function open(keptBytes = 100e6): LogStore {
  return createLogStore({ folder, keptBytes, now: Date.now, report: (fault) => faults.push(fault) });
}

function read(store: LogStore, id: string, after?: Cursor, follow = false): Promise<LogEntry[]> {
  const signal = AbortSignal.timeout(20_000);
  return Array.fromAsync(store.read(id, { follow, signal, ...(after === undefined ? {} : { after }) }));
}

function textOf(entries: readonly LogEntry[]): string {
  return entries.map((entry) => ("gone" in entry ? "" : entry.bytes.toString())).join("");
}

/** What came and what was said to be gone, together. */
function amountOf(entries: readonly LogEntry[]) {
  const sum = { bytes: 0, lines: 0 };
  for (const entry of entries) {
    sum.bytes += "gone" in entry ? entry.gone.bytes : entry.bytes.length;
    sum.lines += "gone" in entry ? entry.gone.lines : countLines(entry.bytes);
  }
  return sum;
}

describe("a log", () => {
  test("comes back as it was written, streams in their order, from behind any place, also in another process", async () => {
    const pieces = fc.array(
      fc.record({
        stream: fc.constantFrom("stdout" as const, "stderr" as const),
        bytes: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      }),
      { maxLength: 30 },
    );
    let id = 0;
    await fc.assert(
      fc.asyncProperty(pieces, fc.nat(), async (written, pick) => {
        id += 1;
        const writer = await open().write(`job-${id}`);
        for (const { stream, bytes } of written) await writer.write(stream, bytes, 1000);
        await writer.close({ complete: true });
        const store = open();
        const all = await read(store, `job-${id}`, undefined, true);
        for (const stream of ["stdout", "stderr"]) {
          const wanted = written.filter((each) => each.stream === stream).map((each) => each.bytes);
          const found = all.flatMap((each) =>
            "stream" in each && each.stream === stream ? [each.bytes] : [],
          );
          expect(Buffer.concat(found)).toEqual(Buffer.concat(wanted));
        }
        const place = all[pick % Math.max(1, all.length)];
        if (place !== undefined) {
          expect(await read(store, `job-${id}`, place.end)).toEqual(all.slice(all.indexOf(place) + 1));
        }
      }),
      { numRuns: 40 },
    );
  });

  test("is followed while it is written, to its end and not beyond", async () => {
    const store = open();
    const writer = await store.write("a");
    const following = read(store, "a", undefined, true);
    await writer.write("stdout", Buffer.from("one\n"), 1);
    await writer.write("stderr", Buffer.from("two\n"), 2);
    await writer.close({ complete: true });
    expect(textOf(await following)).toBe("one\ntwo\n");
  });

  test("keeps its newest part, and says exactly once how much went before it", async () => {
    const store = open(200_000);
    const writer = await store.write("a");
    const line = (number: number): string => `line ${number}\n`;
    const numbers = Array.from({ length: 100_000 }, (_, index) => index);
    for (const number of numbers) await writer.write("stdout", Buffer.from(line(number)), 1);
    await writer.close({ complete: true });
    const all = await read(store, "a", undefined, true);
    const whole = numbers.map(line).join("");
    expect(all.filter((each) => "gone" in each)).toHaveLength(1);
    expect(all[0]).toMatchObject({ gone: { cause: "limit" } });
    expect(amountOf(all)).toEqual({ bytes: whole.length, lines: 100_000 });
    expect(whole.endsWith(textOf(all))).toBe(true);
    expect(textOf(all)).toMatch(/^line \d+\n/);
    expect(whole).toContain(`\n${textOf(all).slice(0, 30)}`);
    expect(textOf(all).length).toBeGreaterThanOrEqual(190_000);
    const files = await readdir(join(folder, "a"));
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, "a", file))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000 + 2 * 1_100_000);
  });

  test("tells a reader who was overtaken so at that place", async () => {
    const store = open(200_000);
    const writer = await store.write("a");
    const signal = AbortSignal.timeout(20_000);
    const reader = store.read("a", { follow: true, signal })[Symbol.asyncIterator]();
    await writer.write("stdout", Buffer.from("first\n"), 1);
    const first = (await reader.next()).value as LogEntry;
    const block = Buffer.from("x".repeat(99).concat("\n").repeat(600));
    for (let count = 0; count < 60; count += 1) await writer.write("stdout", block, 2);
    await writer.close({ complete: true });
    const rest: LogEntry[] = [];
    for (let next = await reader.next(); !next.done; next = await reader.next()) rest.push(next.value);
    const entries = [first, ...rest];
    expect(entries.filter((each) => "gone" in each)).toHaveLength(1);
    expect(amountOf(entries)).toEqual({ bytes: 6 + 60 * block.length, lines: 1 + 60 * 600 });
  });

  test("that a crash cut inside a frame goes on behind its last whole one", async () => {
    const first = await open().write("a");
    await first.write("stdout", Buffer.from("one\n"), 1);
    await first.close({ complete: false });
    const [file = ""] = await readdir(join(folder, "a"));
    await appendFile(join(folder, "a", file), Buffer.from([1, 0, 0, 9, 0, 0, 0, 0, 0, 1, 65]));
    const store = open();
    expect(await store.look("a")).toEqual({
      end: { stdout: 4, stderr: 0, lines: 1, gaps: 0 },
      lastTime: 1,
      complete: false,
    });
    const writer = await store.write("a");
    await writer.write("stderr", Buffer.from("two\n"), 1);
    await writer.close({ complete: true });
    expect(textOf(await read(open(), "a"))).toBe("one\ntwo\n");
  });

  test("says where nobody knows what is missing, and a reader behind that place is not told again", async () => {
    const store = open();
    const writer = await store.write("a");
    await writer.write("stdout", Buffer.from("one\n"), 1);
    writer.writeAbsence(2);
    await writer.write("stdout", Buffer.from("two\n"), 3);
    await writer.close({ complete: true });
    const all = await read(store, "a");
    expect(all.map((each) => ("gone" in each ? each.gone : each.bytes.toString()))).toEqual([
      "one\n",
      { cause: "absence", bytes: 0, lines: 0 },
      "two\n",
    ]);
    expect(textOf(await read(store, "a", all[1]?.end))).toBe("two\n");
    expect(await read(store, "a", all[0]?.end)).toHaveLength(2);
  });

  test("that is removed ends its readers and leaves nothing", async () => {
    const store = open();
    const writer = await store.write("a");
    const following = read(store, "a", undefined, true);
    await writer.write("stdout", Buffer.from("one\n"), 1);
    await store.remove("a");
    await following;
    await writer.write("stdout", Buffer.from("two\n"), 1);
    await writer.close({ complete: true });
    expect([await readdir(folder), await store.look("a"), faults]).toEqual([[], undefined, []]);
  });

  test("hands on the end of one stream among the other's", async () => {
    const store = open();
    const writer = await store.write("a");
    for (let count = 0; count < 50; count += 1) {
      await writer.write("stdout", Buffer.from(`out ${count}\n`), 1);
      await writer.write("stderr", Buffer.from(`err ${count}\n`), 1);
    }
    await writer.close({ complete: false });
    expect(String(await store.tail("a", "stdout", 14))).toBe("out 48\nout 49\n");
    expect(String(await store.tail("none", "stdout", 14))).toBe("");
  });

  test("takes and gives 64 MB of random bytes as they are, quickly", async () => {
    const store = open();
    const writer = await store.write("a");
    const block = Buffer.alloc(1 << 20, "0123456789abcde\n");
    const [sent, received] = [createHash("sha256"), createHash("sha256")];
    for (let count = 0; count < 64; count += 1) {
      sent.update(block);
      await writer.write("stdout", block, 1);
    }
    await writer.close({ complete: true });
    for (const entry of await read(store, "a")) if ("bytes" in entry) received.update(entry.bytes);
    expect(received.digest("hex")).toBe(sent.digest("hex"));
  });
});

const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)("a full disk loses what it must and says so at its place, with one fault", async () => {
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
  try {
    await fillAndFree();
  } finally {
    execFileSync("umount", ["--lazy", folder]);
  }
});

async function fillAndFree(): Promise<void> {
  let time = 0;
  const report = (fault: unknown) => faults.push(fault);
  const store = createLogStore({ folder, keptBytes: 100e6, now: () => time, report });
  const writer = await store.write("a");
  const line = Buffer.from(`${"x".repeat(999)}\n`);
  await writer.write("stdout", line, 1);
  await until("the first is stored", async () => (await store.look("a"))?.end.lines === 1);
  execFileSync("sh", ["-c", 'head -c 1M /dev/zero > "$0/ballast" 2>/dev/null || true', folder]);
  for (let count = 0; count < 300; count += 1) {
    await writer.write("stdout", line, 2);
    time += 100;
    if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await until("it was refused", () => faults.length > 0);
  await rm(join(folder, "ballast"));
  time += 5_000;
  await writer.write("stderr", Buffer.from("again\n"), 3);
  await writer.close({ complete: true });
  const all = await read(store, "a", undefined, true);
  const gaps = all.filter((each) => "gone" in each);
  expect(gaps).toHaveLength(1);
  expect(gaps[0]).toMatchObject({ gone: { cause: "disk" } });
  expect(amountOf(all)).toEqual({ bytes: 301 * 1000 + 6, lines: 302 });
  expect(textOf(all).endsWith("again\n")).toBe(true);
  expect(faults).toHaveLength(1);
}
