import { writeFileSync } from "node:fs";
import { createReporter, runCommand, UserError } from "@workstation/cli";
import { type Picture, startDesktop, type VncClient, waitForDesktop } from "@workstation/images/desktop";
import { pngOf } from "../tools/images/src/rfb/picture.ts";
import { desktopImage } from "./setup/desktop-image.ts";
import { makeContext, projectPath } from "./start/context.ts";

const file = "docs/desktop.png";
const mostBytes = 150_000;

/** `npm run screenshot`: starts a desktop, uses it a little and keeps what is seen for the README. */
async function main(): Promise<undefined> {
  const reporter = createReporter(process.stderr);
  const image = await desktopImage(makeContext({}).site.registry.prefix);
  if (image === undefined) {
    throw new UserError("DESKTOP_IMAGE_MISSING", "there is no desktop image on this machine", {
      hint: "npm run images -- build",
    });
  }
  const picture = await reporter.step(`Photograph ${image}`, () => photograph(image));
  const png = pngOf(picture);
  if (png.length > mostBytes) throw new Error(`the picture has ${png.length} bytes, more than ${mostBytes}`);
  writeFileSync(projectPath(file), png);
  reporter.info(`${file} (${Math.round(png.length / 1000)} kB)`);
  return undefined;
}

async function photograph(image: string): Promise<Picture> {
  const desktop = await startDesktop({ image });
  try {
    const client = await desktop.connect();
    await waitForDesktop(client);
    await showTerminal(client);
    return await showMenu(client);
  } finally {
    await desktop.remove();
  }
}

async function showTerminal(client: VncClient): Promise<void> {
  client.press("Control", "Alt", "t");
  await client.waitForQuiet(3000, { what: "a terminal", limitMs: 60_000 });
  client.type("clear; jobman --version; jobman submit --help | head -20\n");
  await client.waitForQuiet(3000, { what: "its answer", limitMs: 60_000 });
}

async function showMenu(client: VncClient): Promise<Picture> {
  client.click(20, client.picture.height - 16);
  return client.waitForQuiet(2000, { what: "the menu", limitMs: 60_000 });
}

process.exitCode = await runCommand(() => main(), process.stderr);
