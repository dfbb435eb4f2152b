import { join } from "node:path";
import type { Reporter } from "@workstation/cli";
import { installDebianPackages, isDebianLike, isOnPath } from "@workstation/programs";

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
  const missing = Object.entries(packages).filter(([program]) => !isOnPath(program));
  if (missing.length === 0 || process.getuid?.() !== 0 || !isDebianLike()) return;
  const names = missing.map(([, name]) => name);
  await installDebianPackages(names, "what the tests need", { reporter, log: join(localFolder, "apt.log") });
}
