#!/usr/bin/env node
"use strict";
// The entry that is committed: plain CommonJS, because it starts faster than a module and on any Node.
const { existsSync } = require("node:fs");
const { join } = require("node:path");

const bundles = join(__dirname, "..", "dist");
const oldestNode = 20;

start(process.argv[2]);

function start(first) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    fail(`jobman needs Node ${oldestNode} or newer; this is ${process.version}`);
  } else if (isReady()) {
    const mayBeQuick = first === undefined || first.startsWith("-");
    if (!mayBeQuick || !require(join(bundles, "quick.cjs")).answered) require(join(bundles, "jobman.cjs"));
  }
}

/** Where the sources lie beside them (not in a desktop), the bundles are made again when these have changed. */
function isReady() {
  if (existsSync(join(__dirname, "..", "src", "entry.ts"))) {
    require("./refresh-bundle.js").refreshBundle(bundles);
    if (!existsSync(join(bundles, "jobman.cjs"))) {
      fail("jobman's bundle is missing; make it with: npm run prepare");
      return false;
    }
  }
  return true;
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 70;
}
