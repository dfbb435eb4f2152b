import { randomBytes } from "node:crypto";
import type { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { packFiles } from "@workstation/docker";
import { expect, test } from "vitest";
import { measureLayers } from "./measure-image.ts";

/** An archive as `docker save` writes it. */
function saved(layers: Readonly<Record<string, Buffer>>, order: readonly string[]): Readable {
  const manifest = JSON.stringify([{ Config: "config.json", Layers: order }]);
  const texts = { "config.json": Buffer.from("{}"), "manifest.json": Buffer.from(manifest) };
  const files = Object.entries({ ...layers, ...texts });
  return packFiles(files.map(([path, content]) => ({ path, mode: 0o644, content })));
}

test("each layer is measured as it is and compressed, in the image's order", async () => {
  const random = randomBytes(50_000);
  const zeros = Buffer.alloc(200_000);
  const layers = await measureLayers(
    saved({ "b/layer.tar": random, "a/layer.tar": zeros }, ["a/layer.tar", "b/layer.tar"]),
  );
  expect(layers.map((layer) => layer.plain)).toEqual([200_000, 50_000]);
  expect(layers[0]?.gzip).toBeLessThan(1000);
  expect(layers[0]?.zstd).toBeLessThan(1000);
  expect(layers[1]?.gzip).toBeGreaterThan(49_000);
});

test.each([
  ["gzip", gzipSync],
  ["zstd", zstdCompressSync],
])("a layer that the engine keeps as %s is measured as what is in it", async (_, compress) => {
  const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(100_000)]);
  const saves = [content, compress(content)].map((blob) =>
    saved({ "blobs/sha256/a": blob }, ["blobs/sha256/a"]),
  );
  const [plain, kept] = await Promise.all(saves.map((each) => measureLayers(each)));
  expect([plain?.[0]?.plain, kept?.[0]?.plain]).toEqual([400_000, 400_000]);
  expect((kept?.[0]?.gzip ?? 0) / (plain?.[0]?.gzip ?? 0)).toBeCloseTo(1, 3);
});

test("a layer that is larger than one chunk is counted whole", async () => {
  const large = Buffer.alloc(5_000_000, randomBytes(1000));
  const [layer] = await measureLayers(saved({ "a/layer.tar": large }, ["a/layer.tar"]));
  expect(layer?.plain).toBe(5_000_000);
});

test("a layer that the parent has is not measured again", async () => {
  const content = randomBytes(50_000);
  const known = { plain: 50_000, gzip: 1, zstd: 2 };
  const layers = await measureLayers(saved({ a: content, b: randomBytes(1000) }, ["a", "b"]), [known]);
  expect(layers).toEqual([known, { plain: 1000, gzip: expect.any(Number), zstd: expect.any(Number) }]);
});
