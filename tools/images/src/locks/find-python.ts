import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { exitCodes, UserError } from "@workstation/cli";
import { execa } from "execa";

/** Where a Python may be looked for. */
export interface PythonSearch {
  /** The pinned uv. */
  readonly uv: string;
  /** The project's cache folder, in which one that has to be unpacked is kept. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A CPython 3.10 with its standard library that a Go module carries, compressed, to be embedded in programs. */
const carrier = { module: "github.com/kluctl/go-embed-python", version: "v0.0.0-3.10.16-20241219-1" };
const downloadLimitMs = 180_000;

/**
 * The path of a CPython 3.10: the one that `$WORKSTATION_PYTHON_310` names, one of this machine that uv finds (pyenv's are
 * looked through, too), else one out of a Go module, unpacked once. Throws `PYTHON_MISSING`, which says what was tried.
 */
export async function findPython310(search: PythonSearch): Promise<string> {
  const given = search.environment.WORKSTATION_PYTHON_310;
  if (given !== undefined) return given;
  return (await findByUv(search)) ?? (await fromGoModule(search));
}

async function findByUv({ uv, environment }: PythonSearch): Promise<string | undefined> {
  const pyenv = environment.PYENV_ROOT ?? join(homedir(), ".pyenv");
  const folders = [environment.PATH ?? "", ...globSync(join(pyenv, "versions", "3.10.*", "bin"))];
  const found = await execa(
    uv,
    ["python", "find", "--no-project", "--no-python-downloads", "--system", "3.10"],
    {
      env: { ...environment, PATH: folders.join(":") },
      extendEnv: false,
      reject: false,
    },
  );
  return found.failed ? undefined : found.stdout.trim();
}

async function fromGoModule(search: PythonSearch): Promise<string> {
  const folder = join(search.cache, `cpython-${carrier.version}`);
  const python = join(folder, "bin", "python3.10");
  if (existsSync(python)) return python;
  mkdirSync(search.cache, { recursive: true });
  const packed = join(await download(search), "python/internal/data", platformName());
  const work = mkdtempSync(`${folder}-`);
  try {
    unpack(packed, work);
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return python;
}

/** Go checks the module against its public list of checksums. */
async function download({ cache, environment }: PythonSearch): Promise<string> {
  const name = `${carrier.module}@${carrier.version}`;
  const got = await execa("go", ["mod", "download", "-json", name], {
    cwd: cache,
    env: environment,
    extendEnv: false,
    timeout: downloadLimitMs,
    reject: false,
  });
  if (!got.failed) return (JSON.parse(got.stdout) as { readonly Dir: string }).Dir;
  const why = got.code === "ENOENT" ? "Go is not on PATH" : `the Go module ${name} cannot be had`;
  throw new UserError("PYTHON_MISSING", `there is no CPython 3.10 here: uv finds none, and ${why}`, {
    hint: "install one (uv python install 3.10), or name it with WORKSTATION_PYTHON_310=/path/python3.10",
    exitCode: exitCodes.unavailable,
    cause: got,
  });
}

function platformName(): string {
  return `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
}

/** The module's files are read-only, and its binaries end in `.gz`. */
function unpack(packed: string, folder: string): void {
  cpSync(packed, folder, { recursive: true });
  for (const name of globSync("**/*", { cwd: folder })) chmodSync(join(folder, name), 0o755);
  for (const name of globSync("**/*.gz", { cwd: folder })) {
    const file = join(folder, name);
    writeFileSync(file.slice(0, -".gz".length), gunzipSync(readFileSync(file)), { mode: 0o755 });
    rmSync(file);
  }
}
