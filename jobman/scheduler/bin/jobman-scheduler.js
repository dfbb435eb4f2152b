#!/usr/bin/env node
// Plain JavaScript, so that an older Node can say what to do: the scheduler runs from TypeScript source under the pinned Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);
// A scheduler mostly waits: with a small nursery and compact code it takes a third less memory.
// Code is compiled in the main thread: a compiler thread that waits for a collection at the exit is waited for without
// end (https://github.com/nodejs/node/issues/54918), and a refused start then never came back.
const leanFlags = module.createRequire(import.meta.url)("./lean-flags.json");
const pinnedNode = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));

if (runsTypeScript) {
  const [verb] = process.argv.slice(2);
  if (verb === "serve") becomeLean();
  // Types are stripped once, not at each start: faster, and the stripper's memory is never taken.
  // In a folder of our own, because what is read from there is executed.
  module.enableCompileCache(
    fileURLToPath(new URL("../../../node_modules/.cache/node-compile", import.meta.url)),
  );
  const { main } = await import("../src/main.ts");
  // A scheduler may be killed at any moment, and then leaves no cache behind.
  setTimeout(() => module.flushCompileCache(), 1000).unref();
  process.exitCode = await main(process.argv.slice(2));
  // What the engine was asked for may still be under way; it needs nobody to wait for it.
  if (verb === "serve") process.exit();
} else if (existsSync(pinnedNode)) {
  handOver([fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
} else {
  process.stderr.write(
    `error: this needs Node 22.18 or newer; the one that runs is ${process.versions.node}\n` +
      "  run `npm install` in the project's folder: it brings the pinned Node, which is then used by itself\n",
  );
  process.exitCode = 69;
}

/** Goes on as the same process with other flags, where the system can do that. */
function becomeLean() {
  const isLean = leanFlags.every((flag) => process.execArgv.includes(flag));
  if (isLean || process.platform !== "linux" || typeof process.execve !== "function") return;
  const argv = [process.execPath, ...process.execArgv, ...leanFlags, ...process.argv.slice(1)];
  process.execve(process.execPath, argv, { ...process.env, MALLOC_ARENA_MAX: "1" });
}

/** Signals that are sent to this process reach the one that does the work, and its end is ours. */
function handOver(args) {
  const child = spawn(pinnedNode, args, { stdio: "inherit" });
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 130);
  });
}
