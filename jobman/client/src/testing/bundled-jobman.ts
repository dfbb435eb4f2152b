import { execFile, spawn } from "node:child_process";
import { chmod, cp, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The root of the source tree. */
export const tree = fileURLToPath(new URL("../../../..", import.meta.url));

/** jobman as it lies in a desktop: the entry and its bundles, no sources beside them. */
export interface BundledJobman extends AsyncDisposable {
  readonly folder: string;
  readonly entry: string;
}

export async function bundleJobman(): Promise<BundledJobman> {
  const folder = await mkdtemp(join(tmpdir(), "jobman-bundle-"));
  await chmod(folder, 0o755); // a desktop's user reads it too
  await cp(join(tree, "jobman", "client", "bin"), join(folder, "bin"), { recursive: true });
  const script = join(tree, "jobman", "client", "bin", "make-bundle.mjs");
  await promisify(execFile)(process.execPath, [script, join(folder, "dist")]);
  return {
    folder,
    entry: join(folder, "bin", "jobman.js"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** The Node that the machine itself has; the running one where it has no other. */
export async function machineNode(): Promise<string> {
  const running = await realpath(process.execPath);
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.includes("node_modules"));
  for (const folder of folders) {
    const found = await realpath(join(folder, "node")).catch(() => undefined);
    if (found !== undefined && found !== running) return found;
  }
  return process.execPath;
}

/** What a process left behind. */
interface ProcessEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs, with its output so far. */
export interface RunningProcess {
  readonly child: ReturnType<typeof spawnPiped>;
  readonly end: Promise<ProcessEnd>;
  /** Resolves when `text` has come on stderr. */
  said(text: string): Promise<void>;
}

/** Starts a command with piped output and only the environment that is given. */
export function startProcess(
  argv: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): RunningProcess {
  const child = spawnPiped(argv, environment);
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
  const end = new Promise<ProcessEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve({ ...output, exitCode, signal }));
  });
  const said = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.stderr.includes(text) && resolve();
      child.stderr.on("data", look);
      look();
      end.then(() => reject(new Error(`it ended without saying "${text}": ${output.stderr}`)), reject);
    });
  return { child, end, said };
}

function spawnPiped(
  [program, ...words]: readonly [string, ...string[]],
  environment: Record<string, string>,
) {
  const env = { PATH: process.env.PATH, ...environment };
  return spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
}
