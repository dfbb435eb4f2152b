import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { findOnPath } from "../workspace/find-program.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Why tests that need a browser cannot run here; undefined where they can. */
export const noBrowser = findBrowser() === undefined ? "this machine has no Chromium" : undefined;

/** The machine's own Chromium, without a window, as a stranger has it: no profile, nothing said to its maker. */
export async function openBrowser(): Promise<Browser> {
  return launch(foundBrowser());
}

/** Why no browser can be opened inside a container's network; undefined where it can. */
export const noBrowserInside =
  noBrowser ??
  (process.getuid?.() === 0 ? undefined : "only root can open a browser in a container's network");

/** The same browser as a program of the container to which a process of this machine belongs: its loopback is that one's. */
export async function openBrowserIn(pid: number): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), "browser-inside-"));
  const program = join(folder, "browser");
  writeFileSync(program, `#!/bin/sh\nexec nsenter --target ${pid} --net ${foundBrowser()} "$@"\n`, {
    mode: 0o755,
  });
  const browser = await launch(program);
  browser.once("disconnected", () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}

async function launch(program: string): Promise<Browser> {
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

function foundBrowser(): string {
  const program = findBrowser();
  if (program === undefined) throw new Error("this machine has no Chromium");
  return program;
}

function findBrowser(): string | undefined {
  return names.map((name) => findOnPath(name)).find((program) => program !== undefined);
}
