import { existsSync, readFileSync } from "node:fs";
import type { Reporter } from "@workstation/cli";
import { runLogged } from "./run-logged.ts";

/** True on systems whose packages we know how to install. */
export function isDebianLike(release: string = readRelease()): boolean {
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(release);
}

/** Installs packages as root on Debian or Ubuntu, as a step that names them and `purpose`. Throws `COMMAND_FAILED`. */
export async function installDebianPackages(
  names: readonly string[],
  purpose: string,
  { reporter, log }: { readonly reporter: Reporter; readonly log: string },
): Promise<void> {
  const settings = { log, environment: { DEBIAN_FRONTEND: "noninteractive" } };
  await reporter.step(`Install ${purpose} (apt-get install ${names.join(" ")})`, async () => {
    await runLogged(["apt-get", "update", "-qq"], settings);
    await runLogged(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names], settings);
  });
}

function readRelease(): string {
  return existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
}
