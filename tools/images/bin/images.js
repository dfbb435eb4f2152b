#!/usr/bin/env node
// Plain JavaScript, so that an older Node can say what to do: the tools run from TypeScript source under the pinned Node.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const runsTypeScript = major > 22 || (major === 22 && minor >= 18);
const pinnedNode = fileURLToPath(new URL("../../../node_modules/.bin/node", import.meta.url));

if (runsTypeScript) {
  const { main } = await import("../src/cli.ts");
  process.exitCode = await main(process.argv.slice(2));
} else if (existsSync(pinnedNode)) {
  const script = fileURLToPath(import.meta.url);
  const ignore = () => {};
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, ignore);
  const child = spawnSync(pinnedNode, [script, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = child.status ?? 130;
} else {
  process.stderr.write(
    `error: this needs Node 22.18 or newer; the one that runs is ${process.versions.node}\n` +
      "  run `npm install` in the project's folder: it brings the pinned Node, which is then used by itself\n",
  );
  process.exitCode = 69;
}
