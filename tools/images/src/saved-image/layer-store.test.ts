import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addAbortSignal, Readable } from "node:stream";
import { packFiles } from "@workstation/docker";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openLayerStore, sweepLayerStore } from "./layer-store.ts";
import { readSaved } from "./read-saved.ts";

let folder: string;
const bytes = (): readonly string[] => readdirSync(join(folder, "bytes")).toSorted();
const options = { wants: () => true, onBytes: () => undefined };
const layer = randomBytes(3_000_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "workstation-layers-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** What the engine sends of an image, up to the middle of its layer; then it neither goes on nor ends. */
async function halfSaved(): Promise<Readable> {
  const whole = packFiles([{ path: "a/layer.tar", mode: 0o644, content: layer }]);
  const sent = Buffer.concat(await Array.fromAsync(whole as AsyncIterable<Buffer>)).subarray(0, 2_000_000);
  const half = new Readable({ read: () => undefined });
  half.push(sent);
  return half;
}

test("who stops while a layer is compressed is not waited for, and nothing is left of it", async () => {
  const stop = new AbortController();
  const onBytes = (): void => void setImmediate(() => stop.abort());
  const saved = addAbortSignal(stop.signal, await halfSaved());
  const reading = readSaved(saved, openLayerStore(folder), { ...options, onBytes });
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  expect(bytes()).toEqual([]);
}, 5_000);

test("an engine that ends in the middle of a layer is told, and nothing is left of it", async () => {
  const saved = await halfSaved();
  const onBytes = (): void => void setImmediate(() => saved.destroy(new Error("the engine is gone")));
  await expect(readSaved(saved, openLayerStore(folder), { ...options, onBytes })).rejects.toThrow("is gone");
  expect(bytes()).toEqual([]);
}, 5_000);

test("bytes that nobody will send are removed: of a process that is gone, and those that lie a week", () => {
  const gone = spawnSync("true").pid;
  const hours = {
    [`new-${gone}-a`]: 2,
    [`new-${process.pid}-b`]: 2,
    [`new-${gone}-c`]: 0,
    d: 6 * 24,
    e: 8 * 24,
  };
  mkdirSync(join(folder, "bytes"));
  for (const [name, age] of Object.entries(hours)) {
    const time = new Date(Date.now() - age * 3_600_000);
    writeFileSync(join(folder, "bytes", name), "");
    utimesSync(join(folder, "bytes", name), time, time);
  }
  sweepLayerStore(folder);
  expect(bytes()).toEqual(["d", `new-${gone}-c`, `new-${process.pid}-b`].toSorted());
});
