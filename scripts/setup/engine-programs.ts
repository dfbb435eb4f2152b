import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { cacheFolder } from "@workstation/site";
import { $ } from "zx/core";
import { isDebianLike } from "./docker-engine.ts";
import { runLogged } from "./run-logged.ts";

/** What a Docker Engine consists of, as Go modules; the one place for their versions. */
const sources: readonly EngineSource[] = [
  {
    module: "github.com/opencontainers/runc",
    version: "v1.4.3",
    packages: [""],
    flags: ["-tags", "seccomp"],
    minutes: 1,
  },
  {
    module: "github.com/containerd/containerd/v2",
    version: "v2.4.2",
    packages: ["/cmd/containerd", "/cmd/containerd-shim-runc-v2"],
    flags: [],
    minutes: 2,
  },
  {
    module: "github.com/moby/moby/v2",
    version: "v2.0.0-beta.24",
    packages: ["/cmd/dockerd"],
    flags: ["-ldflags", "-X github.com/moby/moby/v2/dockerversion.Version=2.0.0-beta.24"],
    minutes: 6,
  },
];

interface EngineSource {
  readonly module: string;
  readonly version: string;
  /** Paths below the module's. */
  readonly packages: readonly string[];
  readonly flags: readonly string[];
  /** How long a first build takes on two cores. */
  readonly minutes: number;
}

const libraries = ["gcc", "libc6-dev", "libseccomp-dev", "pkg-config"];

/**
 * A folder with the programs of a current Docker Engine, kept under the account's cache folder: the first call builds them.
 * Throws `ENGINE_NOT_BUILT`, which says what is missing, and `COMMAND_FAILED`.
 */
export async function obtainEnginePrograms(reporter: Reporter, localFolder: string): Promise<string> {
  const folder = programsFolder();
  if (existsSync(folder)) return folder;
  const log = join(localFolder, "engine-programs.log");
  await insistOnTools(reporter, log);
  mkdirSync(join(folder, ".."), { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  try {
    for (const source of sources) {
      const title = `Build ${source.module} ${source.version} (about ${source.minutes} min, once)`;
      await reporter.step(title, () => build(source, { work, log }));
    }
    renameSync(join(work, "bin"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

function programsFolder(): string {
  const key = createHash("sha256").update(JSON.stringify(sources)).digest("hex").slice(0, 12);
  return join(cacheFolder(process.env), `docker-engine-${key}`);
}

/** Gently: whoever works on the machine goes first. */
async function build(
  source: EngineSource,
  { work, log }: { readonly work: string; readonly log: string },
): Promise<void> {
  const folder = mkdtempSync(join(work, "module-"));
  writeFileSync(join(folder, "go.mod"), "module engine\n");
  const go = ["nice", "-n", "10", "go", "-C", folder] as const;
  const environment = { CGO_ENABLED: "1", GOFLAGS: "-mod=mod" };
  await runLogged([...go, "get", `${source.module}@${source.version}`], { log, environment });
  const packages = source.packages.map((path) => `${source.module}${path}`);
  const output = `${join(work, "bin")}/`;
  await runLogged([...go, "build", ...source.flags, "-o", output, ...packages], { log, environment });
}

async function insistOnTools(reporter: Reporter, log: string): Promise<void> {
  if (!(await succeeds("go", "version"))) throw notBuilt("Go is not on PATH");
  if (await haveLibraries()) return;
  if (process.getuid?.() !== 0 || !isDebianLike()) throw notBuilt(`it needs ${libraries.join(", ")}`);
  await reporter.step(`Install what its build needs (apt-get install ${libraries.join(" ")})`, async () => {
    const environment = { DEBIAN_FRONTEND: "noninteractive" };
    await runLogged(["apt-get", "update", "-qq"], { log, environment });
    const install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"] as const;
    await runLogged([...install, ...libraries], { log, environment });
  });
}

async function haveLibraries(): Promise<boolean> {
  return (await succeeds("cc", "--version")) && (await succeeds("pkg-config", "--exists", "libseccomp"));
}

async function succeeds(program: string, ...argv: readonly string[]): Promise<boolean> {
  return (await $({ nothrow: true, quiet: true })`${program} ${argv}`).ok;
}

function notBuilt(reason: string): UserError {
  return new UserError("ENGINE_NOT_BUILT", `a current Docker Engine cannot be built here: ${reason}`, {
    hint: "install it, or name a current engine with WORKSTATION_CURRENT_ENGINE=unix:///path/docker.sock",
    exitCode: exitCodes.unavailable,
  });
}
