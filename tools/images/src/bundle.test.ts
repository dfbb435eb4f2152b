import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { main } from "./cli.ts";

const root = join(import.meta.dirname, "../../..");
const bin = join(import.meta.dirname, "../bin");
const { freshBundle } = createRequire(import.meta.url)(join(bin, "bundle.js")) as {
  readonly freshBundle: (folder: string) => string | undefined;
};
let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "images-bundle-"));
  bundle = freshBundle(folder) ?? "none";
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

const record = () => join(folder, "sources.json");
const madeAt = () => statSync(bundle).mtimeMs;

test("the command as one file says what its sources say", async () => {
  let stdout = "";
  const sink = { write: (text: string) => (stdout += text) };
  await main(["list", "--json"], { stdout: sink, stderr: sink });
  const program = `require(${JSON.stringify(bundle)}).main(["list", "--json"])`;
  expect((await execa("node", ["-e", program], { stripFinalNewline: false })).stdout).toBe(stdout);
});

test("what lies beside a source is looked for there, and not beside the one file", () => {
  const text = readFileSync(bundle, "utf8");
  const bundler = `${JSON.stringify(join(root, "jobman/client/bin"))},"make-bundle.mjs"`;
  expect(text.includes(bundler), `${bundler} is named`).toBe(true);
});

test("while no source has changed the same file is used", () => {
  const before = madeAt();
  expect([freshBundle(folder), madeAt()]).toEqual([bundle, before]);
});

test("the table of images and the layers are among its sources, libraries by npm's own record", () => {
  const { files } = JSON.parse(readFileSync(record(), "utf8")) as { readonly files: readonly [string][] };
  const paths = files.map(([path]) => path);
  expect(paths).toEqual(
    expect.arrayContaining(["images/family.ts", "images/python/layer.ts", "node_modules/.package-lock.json"]),
  );
  expect(paths.length).toBeLessThan(400);
});

test("a source that has changed, or another tree's record, has it made anew", () => {
  const text = readFileSync(record(), "utf8");
  for (const other of [
    text.replace('"images/family.ts",', '"images/family.ts",1'),
    text.replace('"root":"', '"root":"/x'),
  ]) {
    const before = madeAt();
    writeFileSync(record(), other);
    expect(freshBundle(folder)).toBe(bundle);
    expect(madeAt()).toBeGreaterThan(before);
    expect(readFileSync(record(), "utf8")).toBe(text);
  }
}, 60_000);

test("where it cannot be written the sources run", () => {
  expect(freshBundle("/dev/null/nowhere")).toBeUndefined();
});
