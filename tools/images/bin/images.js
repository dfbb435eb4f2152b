#!/usr/bin/env node
"use strict";
// Plain CommonJS: it starts faster than a module, and an older Node can say what to do. What it runs is one file made from
// the TypeScript sources (bundle.js), or, where that cannot be made, these sources themselves.
const { existsSync } = require("node:fs");
const module_ = require("node:module");
const { join } = require("node:path");

const modules = join(__dirname, "../../../node_modules");
const pinnedNode = join(modules, ".bin/node");
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

if (major > 22 || (major === 22 && minor >= 18)) start();
else if (existsSync(pinnedNode)) handOver();
else {
  process.stderr.write(
    `error: this needs Node 22.18 or newer; the one that runs is ${process.versions.node}\n` +
      "  run `npm install` in the project's folder: it brings the pinned Node, which is then used by itself\n",
  );
  process.exitCode = 69;
}

async function start() {
  module_.enableCompileCache(join(modules, ".cache/node"));
  const bundle = require("./bundle.js").freshBundle(join(modules, ".cache/images"));
  const { main } = bundle === undefined ? await import("../src/cli.ts") : require(bundle);
  process.exitCode = await main(process.argv.slice(2));
}

function handOver() {
  const { spawn } = require("node:child_process");
  const child = spawn(pinnedNode, [__filename, ...process.argv.slice(2)], { stdio: "inherit" });
  process.on("SIGINT", () => {}); // a terminal sends it to the child too
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("exit", (code) => {
    process.exitCode = code ?? 130;
  });
}
