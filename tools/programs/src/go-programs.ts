import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, UserError } from "@workstation/cli";
import { cacheFolder } from "@workstation/site";
import { isOnPath, runLogged } from "./run-logged.ts";

/** A Go module and the programs that are built from it. */
export interface GoModule {
  readonly module: string;
  readonly version: string;
  /** Paths below the module's. */
  readonly packages: readonly string[];
  /** For `go build`. */
  readonly flags: readonly string[];
  /** How long a first build takes on two cores. */
  readonly minutes: number;
  /** Where a module is developed together with others in folders below its own: the version under which those are published. */
  readonly staging?: string;
  /** Without a C compiler. */
  readonly pure?: true;
  /** The name of its only program, where Go would take another from the package's path. */
  readonly program?: string;
  /** The text of a program of our own, which is fetched from nowhere. */
  readonly source?: string;
}

/** Programs that are built together, once, and kept under the account's cache folder. */
export interface GoPrograms {
  /** Begins their folder's name. */
  readonly name: string;
  readonly modules: readonly GoModule[];
  /** Sees to what the build needs besides Go; may throw `fault`. */
  prepare?(place: BuildPlace): Promise<void>;
  /** What to throw where they cannot be built here. */
  fault(reason: string): UserError;
}

export interface BuildPlace {
  readonly reporter: Reporter;
  /** All output of what is run is appended there. */
  readonly log: string;
}

/** Where they are once they are built; the name changes with what they are built from. */
export function goProgramsFolder({ name, modules }: GoPrograms): string {
  const key = createHash("sha256").update(JSON.stringify(modules)).digest("hex").slice(0, 12);
  return join(cacheFolder(process.env), `${name}-${key}`);
}

/** The folder with the programs: the first call builds them, a step a module. Throws `programs.fault` and `COMMAND_FAILED`. */
export async function obtainGoPrograms(programs: GoPrograms, place: BuildPlace): Promise<string> {
  const folder = goProgramsFolder(programs);
  if (existsSync(folder)) return folder;
  if (!isOnPath("go")) throw programs.fault("Go is not on PATH");
  await programs.prepare?.(place);
  mkdirSync(join(folder, ".."), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    for (const module of programs.modules) {
      const title = `Build ${module.module} ${module.version} (about ${module.minutes} min, once)`;
      await place.reporter.step(title, () => build(module, { work, log: place.log }));
    }
    moveUnlessThere(join(work, "bin"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Somebody else may have built the same meanwhile. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}

/** Gently: whoever works on the machine goes first. */
async function build(
  source: GoModule,
  { work, log }: { readonly work: string; readonly log: string },
): Promise<void> {
  const folder = mkdtempSync(join(work, "module-"));
  writeFileSync(join(folder, "go.mod"), "module programs\n");
  const environment = { CGO_ENABLED: source.pure === true ? "0" : "1", GOFLAGS: "-mod=mod" };
  const go: Go = (...args) =>
    runLogged(["nice", "-n", "10", "go", "-C", folder, ...args], { log, environment });
  const packages = source.source === undefined ? await getModule(source, go) : ["."];
  if (source.source !== undefined) writeFileSync(join(folder, "main.go"), source.source);
  const output = `${join(work, "bin")}/${source.program ?? ""}`;
  await go("build", ...source.flags, "-o", output, ...packages);
}

type Go = (...args: readonly string[]) => Promise<string>;

async function getModule(
  { module, version, staging, packages }: GoModule,
  go: Go,
): Promise<readonly string[]> {
  const named = `${module}@${version}`;
  if (staging !== undefined) {
    const { GoMod } = JSON.parse(await go("mod", "download", "-json", named)) as { readonly GoMod: string };
    const staged = stagedModules(readFileSync(GoMod, "utf8"));
    await go("mod", "edit", ...staged.map((path) => `-replace=${path}=${path}@${staging}`));
  }
  await go("get", named);
  return packages.map((path) => `${module}${path}`);
}

/** The modules that a go.mod replaces by folders beside it, which a go.mod elsewhere has to replace, too. */
export function stagedModules(goMod: string): readonly string[] {
  return [...goMod.matchAll(/^\s*(?:replace\s+)?(\S+) => \.\/\S+$/gm)].flatMap(([, path]) => path ?? []);
}
