#!/usr/bin/env node
// Plain JavaScript, so that an older Node can say what to do: the tools run from TypeScript source under the pinned Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);
const modules = new URL("../../../node_modules/", import.meta.url);
const pinnedNode = fileURLToPath(new URL(".bin/node", modules));

if (runsTypeScript) {
  module.enableCompileCache(fileURLToPath(new URL(".cache/node", modules)));
  const { main } = await import("../src/cli.ts");
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(pinnedNode)) {
  const script = fileURLToPath(import.meta.url);
  const child = spawn(pinnedNode, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => {}); // a terminal sends it to the child too
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => {
    process.exitCode = code ?? 130;
  });
} else {
  process.stderr.write(
    `error: this needs Node 22.18 or newer; the one that runs is ${process.versions.node}\n` +
      "  run `npm install` in the project's folder: it brings the pinned Node, which is then used by itself\n",
  );
  process.exitCode = 69;
}
