import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { UserError } from "@workstation/cli";

/**
 * Gives a network namespace a way to wherever this machine gets, while `use` runs; no rule of the machine's firewall changes.
 * Throws `WAY_OUT_MISSING` where slirp4netns is not installed or refuses.
 */
export async function withWayOut<T>(namespace: string, use: () => Promise<T>): Promise<T> {
  // It also ends when this process does: what it exits by is closed then.
  const flags = ["--configure", "--mtu=65520", "--disable-host-loopback", "--ready-fd=3", "--exit-fd=4"];
  const slirp = spawn("slirp4netns", [...flags, "--netns-type=path", namespace, "tap0"], {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
  });
  const ended = once(slirp, "close").catch((error: Error) => error);
  const refused = wordsOf(slirp.stderr as Readable);
  try {
    const isReady = once(slirp.stdio[3] as Readable, "data").then(() => true);
    if (!(await Promise.race([isReady, ended.then(() => false)]))) throw await missing(ended, refused);
    return await use();
  } finally {
    (slirp.stdio[4] as Writable | null)?.destroy();
    await ended;
  }
}

/** Whether an error says that there is no way out, and not that something went wrong on it. */
export function isWithoutWayOut(error: unknown): error is UserError {
  return error instanceof UserError && error.code === code;
}

const code = "WAY_OUT_MISSING";

async function wordsOf(stream: Readable): Promise<string> {
  let words = "";
  for await (const chunk of stream) words = `${words}${chunk}`.slice(-2000);
  return words;
}

async function missing(ended: Promise<unknown>, refused: Promise<string>): Promise<UserError> {
  const cause = await ended;
  const reason = cause instanceof Error ? cause.message : (await refused).trim();
  return new UserError(code, `a private engine gets no way out: ${reason}`, {
    hint: "install slirp4netns",
  });
}
