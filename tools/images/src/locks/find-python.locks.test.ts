import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "@workstation/cli";
import { execa } from "execa";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findPython310 } from "./find-python.ts";
import { provideUv } from "./uv.ts";

let uv = "";
let cache = "";
beforeAll(async () => {
  uv = await provideUv(join(import.meta.dirname, "../../../.."));
});
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "workstation-find-python-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

/** A machine on which uv finds no Python of any version. */
const nothing = () => ({ HOME: cache, PYENV_ROOT: cache, UV_PYTHON_INSTALL_DIR: cache, PATH: cache });

test("the Python that was named is taken before any other", async () => {
  const environment = { ...nothing(), WORKSTATION_PYTHON_310: "/my/python3.10" };
  expect(await findPython310({ uv, cache, environment })).toBe("/my/python3.10");
});

test("without uv's and without Go the user hears what was tried, and what to do", async () => {
  await expect(findPython310({ uv, cache, environment: nothing() })).rejects.toMatchObject({
    code: "PYTHON_MISSING",
    message: "there is no CPython 3.10 here: uv finds none, and Go is not on PATH",
    hint: expect.stringMatching(/uv python install 3\.10.*WORKSTATION_PYTHON_310/),
  });
});

test("one that uv does not find comes out of a Go module, whole, and is unpacked once", async ({ skip }) => {
  const go = await execa("go", ["env", "GOROOT", "GOMODCACHE", "GOPROXY", "GOSUMDB"], { reject: false });
  if (go.failed) skip("Go is not on PATH");
  const [root = "", GOMODCACHE, GOPROXY, GOSUMDB] = go.stdout.split("\n");
  const environment = { ...process.env, ...nothing(), PATH: join(root, "bin"), GOMODCACHE, GOPROXY, GOSUMDB };
  const python = await findPython310({ uv, cache, environment }).catch((error) => {
    if (error instanceof UserError) return skip(error.message);
    throw error;
  });
  expect(python).toContain(cache);
  const program =
    "import ctypes, lzma, sqlite3, ssl, sys, venv; print(sys.version_info[:2], sys.base_prefix)";
  expect((await execa(python, ["-c", program])).stdout).toBe(`(3, 10) ${join(python, "../..")}`);
  expect(await findPython310({ uv, cache, environment: nothing() })).toBe(python);
});
