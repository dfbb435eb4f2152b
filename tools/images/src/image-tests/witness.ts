import { existsSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { VncAddress } from "../rfb/handshake.ts";

const version = "1.4.2";
const cache = join(import.meta.dirname, "../../../../node_modules/.cache");

/** Captures the screen with a client that nobody here wrote, into a PNG file; answers why that cannot be had here. */
export async function captureWithVncdotool(vnc: VncAddress, file: string): Promise<string | undefined> {
  const python = join(cache, `vncdotool-${version}`, "bin/python");
  const missing = existsSync(python) ? undefined : await install(python);
  if (missing !== undefined) return missing;
  const script = join(import.meta.dirname, "witness.py");
  await execa(python, [script, vnc.host, String(vnc.port), file], {
    input: `${vnc.password}\n`,
    timeout: 60_000,
  });
  return undefined;
}

async function install(python: string): Promise<string | undefined> {
  try {
    await execa("python3", ["-m", "venv", join(python, "../..")], { timeout: 60_000 });
    await execa(python, ["-m", "pip", "install", "--quiet", `vncdotool==${version}`], { timeout: 120_000 });
    return undefined;
  } catch (error) {
    return `vncdotool cannot be had here: ${(error as Error).message.split("\n").at(-1)}`;
  }
}
