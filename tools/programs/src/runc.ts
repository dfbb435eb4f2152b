import type { UserError } from "@workstation/cli";
import { execa } from "execa";
import { installDebianPackages, isDebianLike } from "./debian-packages.ts";
import type { BuildPlace, GoModule } from "./go-programs.ts";

/** What starts containers, as users have it today; Debian 12's own is too old for a current engine and for user namespaces. */
export const runcModule: GoModule = {
  module: "github.com/opencontainers/runc",
  version: "v1.4.3",
  packages: [""],
  flags: ["-tags", "seccomp"],
  minutes: 1,
};

const libraries = ["gcc", "libc6-dev", "libseccomp-dev", "pkg-config"];

/** Sees to what building runc needs besides Go, as root on Debian or Ubuntu; elsewhere throws `fault` where it is not there. */
export async function prepareRuncBuild(
  place: BuildPlace,
  fault: (reason: string) => UserError,
): Promise<void> {
  if (await haveLibraries()) return;
  if (process.getuid?.() !== 0 || !isDebianLike()) throw fault(`it needs ${libraries.join(", ")}`);
  await installDebianPackages(libraries, "what its build needs", place);
}

async function haveLibraries(): Promise<boolean> {
  return (await succeeds("cc", "--version")) && (await succeeds("pkg-config", "--exists", "libseccomp"));
}

async function succeeds(program: string, ...argv: readonly string[]): Promise<boolean> {
  return !(await execa(program, argv, { reject: false })).failed;
}
