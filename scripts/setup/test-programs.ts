import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import { isDebianLike } from "./docker-engine.ts";
import { runLogged } from "./run-logged.ts";

/** Programs that tests use where they are there, and their packages. */
const packages: Readonly<Record<string, string>> = {
  Xvnc: "tigervnc-standalone-server",
  xterm: "xterm",
  xclip: "xclip",
  chromium: "chromium",
  slirp4netns: "slirp4netns",
};

/** Installs what is missing, as root on Debian; elsewhere it does nothing, and the tests that need it are skipped. */
export async function installTestPrograms(reporter: Reporter, localFolder: string): Promise<void> {
  const missing = Object.entries(packages).filter(([program]) => !isThere(program));
  if (missing.length === 0 || process.getuid?.() !== 0 || !isDebianLike()) return;
  const names = missing.map(([, name]) => name);
  const settings = { log: join(localFolder, "apt.log"), environment: { DEBIAN_FRONTEND: "noninteractive" } };
  await reporter.step(`Install what the tests need (apt-get install ${names.join(" ")})`, async () => {
    await runLogged(["apt-get", "update", "-qq"], settings);
    await runLogged(["apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names], settings);
  });
}

function isThere(program: string): boolean {
  const folders = (process.env.PATH ?? "").split(":");
  return folders.some((folder) => existsSync(join(folder, program)));
}
