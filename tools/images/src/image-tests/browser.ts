import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Why tests that need a browser cannot run here; undefined where they can. */
export const noBrowser = findBrowser() === undefined ? "this machine has no Chromium" : undefined;

/** The machine's own Chromium, without a window, as a stranger has it: no profile, nothing said to its maker. */
export async function openBrowser(): Promise<Browser> {
  const program = findBrowser();
  if (program === undefined) throw new Error("this machine has no Chromium");
  return chromium.launch({
    executablePath: program,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
      "--disable-gpu",
    ],
  });
}

function findBrowser(): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  const programs = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return programs.find((program) => existsSync(program));
}
