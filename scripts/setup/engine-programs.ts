import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { type GoModule, type GoPrograms, installDebianPackages, isDebianLike } from "@workstation/programs";
import { $ } from "zx/core";

/** The one place for their versions. */
const modules: readonly GoModule[] = [
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

/** What a current Docker Engine consists of, for `obtainGoPrograms`: it throws `ENGINE_NOT_BUILT`, which says what is missing. */
export const enginePrograms: GoPrograms = {
  name: "docker-engine",
  modules,
  prepare: insistOnLibraries,
  fault,
};

const libraries = ["gcc", "libc6-dev", "libseccomp-dev", "pkg-config"];

async function insistOnLibraries(place: {
  readonly reporter: Reporter;
  readonly log: string;
}): Promise<void> {
  if (await haveLibraries()) return;
  if (process.getuid?.() !== 0 || !isDebianLike()) throw fault(`it needs ${libraries.join(", ")}`);
  await installDebianPackages(libraries, "what its build needs", place);
}

async function haveLibraries(): Promise<boolean> {
  return (await succeeds("cc", "--version")) && (await succeeds("pkg-config", "--exists", "libseccomp"));
}

async function succeeds(program: string, ...argv: readonly string[]): Promise<boolean> {
  return (await $({ nothrow: true, quiet: true })`${program} ${argv}`).ok;
}

function fault(reason: string): UserError {
  return new UserError("ENGINE_NOT_BUILT", `a current Docker Engine cannot be built here: ${reason}`, {
    hint: "install it, or name a current engine with WORKSTATION_CURRENT_ENGINE=unix:///path/docker.sock",
    exitCode: exitCodes.unavailable,
  });
}
