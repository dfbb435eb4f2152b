import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { execa } from "execa";
import { answerChallenge } from "../rfb/vnc-auth.ts";
import { findOnPath } from "../workspace/find-program.ts";
import { freePort } from "./free-port.ts";

/** A VNC server of a test's own, on loopback. */
export interface TestVncServer {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** Starts a program on its screen, and resolves with its output when it has ended. */
  readonly run: (program: string, ...args: readonly string[]) => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** Why the machine cannot have one; undefined where it can. */
export const noXvnc = missing("Xvnc", "xterm", "xclip");

/** Starts a real Xvnc with a password, 800 × 600, and these further options. */
export async function startXvnc(...options: readonly string[]): Promise<TestVncServer> {
  const folder = mkdtempSync(join(tmpdir(), "xvnc-"));
  const password = "open sesame"; // longer than the eight characters that count
  const passwordFile = join(folder, "passwd");
  writeFileSync(passwordFile, storedPassword(password), { mode: 0o600 });
  const port = await freePort();
  const server = execa(
    "Xvnc",
    [
      ...["-displayfd", "1", "-rfbport", String(port), "-localhost", "-rfbauth", passwordFile],
      ...["-SecurityTypes", "VncAuth", "-geometry", "800x600", "-depth", "24", "-nolisten", "tcp"],
      ...options,
    ],
    { stdin: "ignore", reject: false },
  );
  const display = await firstLine(server);
  const environment = { ...process.env, DISPLAY: `:${display}`, LC_ALL: "C.UTF-8" };
  const programs = new AbortController();
  return {
    host: "127.0.0.1",
    port,
    password,
    run: async (program, ...args) => {
      const env = environment;
      const { stdout } = await execa(program, args, { env, reject: false, cancelSignal: programs.signal });
      return stdout ?? "";
    },
    stop: async () => {
      programs.abort();
      server.kill();
      await server;
      rmSync(folder, { recursive: true });
    },
  };
}

/** As `vncpasswd` keeps it: encrypted with a key that everybody knows. */
function storedPassword(password: string): Buffer {
  const everybodysKey = Buffer.from([23, 82, 107, 6, 35, 78, 88, 7]).toString("latin1");
  return answerChallenge(everybodysKey, Buffer.from(password.slice(0, 8).padEnd(8, "\0"), "latin1"));
}

async function firstLine(server: { readonly stdout: Readable }): Promise<string> {
  for await (const line of createInterface(server.stdout)) return line;
  throw new Error("Xvnc ended before it had a display");
}

function missing(...programs: readonly string[]): string | undefined {
  const absent = programs.filter((program) => findOnPath(program) === undefined);
  return absent.length === 0 ? undefined : `this machine has no ${absent.join(", ")}`;
}
