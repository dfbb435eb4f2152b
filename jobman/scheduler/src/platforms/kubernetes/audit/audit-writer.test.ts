import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { auditSink } from "./audit-sink.ts";
import { auditWriter } from "./audit-writer.ts";

let folder: string;
let file: string;
let shown: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
  file = join(folder, "audit-a.jsonl");
  shown = "";
});
afterEach(() => rm(folder, { recursive: true }));

const output = {
  write: (text: string, done: unknown): boolean => {
    shown += text;
    if (typeof done === "function") done();
    return true;
  },
} as Pick<NodeJS.WriteStream, "write">;
const read = (name: string) => readFile(join(folder, name), "utf8");

test("lines go to standard output, and to the file where there is one", async () => {
  await auditWriter(undefined, output).write("1\n");
  await auditWriter(file, output).write("2\n");
  expect(shown).toBe("1\n2\n");
  expect(await read("audit-a.jsonl")).toBe("2\n");
});

test("whoever writes nothing makes no file, also when asked for a new one", async () => {
  await auditWriter(file, output).reopen();
  expect(await readdir(folder)).toEqual([]);
});

test("after the file was moved away lines go on in a new one as soon as that is asked for, through the sink, too", async () => {
  const writer = auditWriter(file, output);
  const sink = auditSink({
    ...writer,
    leads: () => true,
    writtenUntil: { get: () => undefined, set: () => undefined },
    now: Date.now,
  });
  const opened = await sink.open();
  const refusal = (id: number) => `${JSON.stringify({ event: "refusal", id })}\n`;
  await opened.append(refusal(1));
  await rename(file, join(folder, "old"));
  await opened.append(refusal(2));
  await opened.reopen();
  await opened.append(refusal(3));
  expect(await read("old")).toBe(refusal(1) + refusal(2));
  expect(await read("audit-a.jsonl")).toBe(refusal(3));
});

test("a file that cannot be made is told of, and tried again with the next line", async () => {
  const missing = join(folder, "claim");
  const writer = auditWriter(join(missing, "audit.jsonl"), output);
  await expect(writer.write("1\n")).rejects.toMatchObject({ code: "STATE_UNWRITABLE" });
  expect(shown).toBe("");
  await mkdir(missing);
  await writer.write("1\n");
  expect(await read("claim/audit.jsonl")).toBe("1\n");
});

test("where no new file can be made the old one goes on, and that is told", async () => {
  const claim = join(folder, "claim");
  await mkdir(claim);
  const writer = auditWriter(join(claim, "audit.jsonl"), output);
  await writer.write("1\n");
  await rename(claim, join(folder, "moved"));
  await writeFile(claim, "");
  await expect(writer.reopen()).rejects.toMatchObject({ code: "STATE_UNWRITABLE" });
  await writer.write("2\n");
  expect(await read("moved/audit.jsonl")).toBe("1\n2\n");
  await access(claim);
});
