import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, onTestFinished, test } from "vitest";
import { parseLock } from "./lock-text.ts";
import { provideTools } from "./tool-environment.ts";

const sources = join(import.meta.dirname, "..");

test.each(globSync("{image-tests,lint,locks}/*.in", { cwd: sources }))(
  "every pin of %s is in its lock",
  (requirements) => {
    const read = (path: string) => parseLock(readFileSync(join(sources, path), "utf8"));
    const locked = read(requirements.replace(/\.in$/, ".lock.txt")).map(({ name, version }) => [
      name,
      version,
    ]);
    for (const { name, version } of read(requirements)) expect(locked).toContainEqual([name, version]);
  },
);

test("what a lock names is installed; other bytes under its name are refused, and another lock is another environment", async () => {
  const cache = mkdtempSync(join(tmpdir(), "workstation-tools-"));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const lock = join(cache, "probe.lock.txt");
  const wheel = await makeWheel(cache);
  const pin = (hash: string) => writeFileSync(lock, `${wheel} --hash=sha256:${hash}\n`);
  const provide = () => provideTools({ lock, cache, limitMs: 120_000 });

  pin(createHash("sha256").update("other bytes").digest("hex"));
  await expect(provide()).rejects.toThrow(/DO NOT MATCH THE HASHES/);
  await expect(provide(), "half an environment is none").rejects.toThrow(/DO NOT MATCH THE HASHES/);
  pin(createHash("sha256").update(readFileSync(wheel)).digest("hex"));
  const [folder = "", ...others] = await Promise.all([provide(), provide(), provide()]);
  expect(others, "who asks at once gets the same").toEqual([folder, folder]);
  expect((await execa(join(folder, "bin/python"), ["-c", "import probe; print(probe.answer)"])).stdout).toBe(
    "42",
  );
  expect(await provide()).toBe(folder);
  expect(globSync("probe-*/complete", { cwd: cache })).toHaveLength(1);
  expect(existsSync(join(folder, "complete"))).toBe(true);
}, 120_000);

/** A wheel with one module, as PEP 427 says. */
async function makeWheel(folder: string): Promise<string> {
  const info = "probe-1.0.dist-info";
  mkdirSync(join(folder, info));
  const files = {
    "probe.py": "answer = 42\n",
    [`${info}/METADATA`]: "Metadata-Version: 2.1\nName: probe\nVersion: 1.0\n",
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    [`${info}/RECORD`]: `probe.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
  const wheel = "probe-1.0-py3-none-any.whl";
  await execa("python3", ["-m", "zipfile", "-c", wheel, "probe.py", info], { cwd: folder });
  return join(folder, wheel);
}
