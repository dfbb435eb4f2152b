import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { create } from "tar";
import { afterEach, beforeEach, expect, test } from "vitest";
import { entriesOfLayers, readLayer } from "../saved-image/layer-entries.ts";
import { compareEntries, compareLayers } from "./compare-layers.ts";
import { describeDifferences } from "./reproducible.ts";

const [first, second] = ["first", "second"];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "workstation-layers-"));
  for (const name of [first, second]) {
    mkdirSync(join(root, name, "etc"), { recursive: true });
    for (const file of ["same", "text", "mode", "time"]) write(name, `etc/${file}`, "as it was");
    symlinkSync("same", join(root, name, "etc/link"));
  }
});

afterEach(() => rmSync(root, { recursive: true }));

function write(layer: string, path: string, content: string): void {
  const file = join(root, layer, path);
  writeFileSync(file, content);
  utimesSync(file, 1_700_000_000, 1_700_000_000);
}

/** The folder as a layer: a tar archive as it is. */
function packed(layer: string): Promise<readonly Uint8Array[]> {
  return Array.fromAsync(
    create({ cwd: join(root, layer), portable: false }, ["etc/"]) as AsyncIterable<Buffer>,
  );
}

async function differences() {
  const entries = [];
  for (const name of [first, second])
    entries.push((await readLayer(Readable.from(await packed(name)))).entries);
  const [a, b] = entries;
  return compareEntries(a ?? new Map(), b ?? new Map()).filter(({ path }) => path !== "/etc/");
}

test("of two layers each file that differs is named, with what differs in it", async () => {
  write(second, "etc/text", "as it is now");
  chmodSync(join(root, second, "etc/mode"), 0o600);
  utimesSync(join(root, second, "etc/time"), 1_700_000_001, 1_700_000_001);
  write(first, "etc/gone", "");
  write(second, "etc/new", "");
  rmSync(join(root, second, "etc/link"));
  symlinkSync("text", join(root, second, "etc/link"));
  utimesSync(join(root, second, "etc/text"), 1_700_000_000, 1_700_000_000);
  const found = (await differences()).map(({ path, differs }) => [
    path,
    differs.filter((each) => each !== "time"),
  ]);
  expect(found).toEqual([
    ["/etc/gone", ["only in the first"]],
    ["/etc/link", ["where it leads"]],
    ["/etc/mode", ["mode"]],
    ["/etc/new", ["only in the second"]],
    ["/etc/text", ["content"]],
    ["/etc/time", []],
  ]);
});

test("files that are the same in both are not named, and a time alone is a difference", async () => {
  const all = await differences();
  expect(all.filter(({ path }) => path !== "/etc/link")).toEqual([]);
  utimesSync(join(root, second, "etc/time"), 1, 1);
  expect(await differences()).toContainEqual({ path: "/etc/time", differs: ["time"] });
});

test("what docker save writes is searched for the layers that are asked for", async () => {
  const chunks = await packed(first);
  const { diffId } = await readLayer(Readable.from(chunks));
  mkdirSync(join(root, "saved/0123"), { recursive: true });
  writeFileSync(join(root, "saved/0123/layer.tar"), Buffer.concat(chunks));
  writeFileSync(join(root, "saved/manifest.json"), "[]");
  writeFileSync(join(root, "saved/empty.tar"), Buffer.alloc(1024));
  const save = () => Readable.from(create({ cwd: join(root, "saved") }, ["."]) as AsyncIterable<Buffer>);
  const found = await entriesOfLayers(save(), new Set([diffId]));
  expect([...(found.get(diffId)?.keys() ?? [])].toSorted()).toEqual([
    "etc/",
    "etc/link",
    "etc/mode",
    "etc/same",
    "etc/text",
    "etc/time",
  ]);
  expect((await entriesOfLayers(save(), new Set(["sha256:other"]))).size).toBe(0);
});

test("the same layers are no difference; others are named from the lowest, also one that only one build has", () => {
  expect(compareLayers(["a", "b"], ["a", "b"])).toEqual([]);
  expect(compareLayers(["a", "b"], ["a", "x", "y"])).toEqual([
    { layer: 2, first: "b", second: "x" },
    { layer: 3, first: null, second: "y" },
  ]);
});

test("five files of a layer are shown, and the others counted; that none differs is said", () => {
  const files = "1234567".split("").map((path) => ({ path, differs: ["mode", "time"] }));
  const layer = { layer: 2, first: "a", second: "b" };
  expect(describeDifferences([{ ...layer, files }]).slice(4)).toEqual([
    "  4: mode, time",
    "  5: mode, time",
    "  and 2 more",
  ]);
  expect(describeDifferences([{ ...layer, files: [] }])[1]).toContain("in no file");
});
