import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { VncAddress } from "../rfb/handshake.ts";

const version = "1.4.2";
const cache = join(import.meta.dirname, "../../../../node_modules/.cache");

/** The first capture installs it, which takes minutes where the machine is busy. */
export const witnessLimitMs = 400_000;

/** Captures the screen with a client that nobody here wrote, into a PNG file; answers why that cannot be had here. */
export async function captureWithVncdotool(vnc: VncAddress, file: string): Promise<string | undefined> {
  const environment = join(cache, `vncdotool-${version}`);
  const missing = existsSync(join(environment, "complete")) ? undefined : await install(environment);
  if (missing !== undefined) return missing;
  const script = join(import.meta.dirname, "witness.py");
  await execa(join(environment, "bin/python"), [script, vnc.host, String(vnc.port), file], {
    input: `${vnc.password}\n`,
    timeout: 90_000,
  });
  return undefined;
}

async function install(environment: string): Promise<string | undefined> {
  const timeout = 150_000;
  try {
    await execa("python3", ["-m", "venv", "--clear", environment], { timeout });
    const pip = ["-m", "pip", "install", "--quiet", `vncdotool==${version}`];
    await execa(join(environment, "bin/python"), pip, { timeout });
    writeFileSync(join(environment, "complete"), "");
    return undefined;
  } catch (error) {
    return `vncdotool cannot be had here: ${(error as Error).message.split("\n").at(-1)}`;
  }
}
