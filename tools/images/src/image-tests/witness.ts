import { join } from "node:path";
import { execa } from "execa";
import { provideTools } from "../locks/tool-environment.ts";
import type { VncAddress } from "../rfb/handshake.ts";

const lock = join(import.meta.dirname, "witness.lock.txt");
const cache = join(import.meta.dirname, "../../../../node_modules/.cache");

/** The first capture installs it, which takes minutes where the machine is busy. */
export const witnessLimitMs = 400_000;

/** Captures the screen with a client that nobody here wrote, into a PNG file; answers why that cannot be had here. */
export async function captureWithVncdotool(vnc: VncAddress, file: string): Promise<string | undefined> {
  let environment: string;
  try {
    environment = await provideTools({ lock, cache, limitMs: 150_000 });
  } catch (error) {
    return `vncdotool cannot be had here: ${(error as Error).message.split("\n").at(-1)}`;
  }
  const script = join(import.meta.dirname, "witness.py");
  await execa(join(environment, "bin/python"), [script, vnc.host, String(vnc.port), file], {
    input: `${vnc.password}\n`,
    timeout: 90_000,
  });
  return undefined;
}
