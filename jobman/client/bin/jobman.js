#!/usr/bin/env -S node --
"use strict";
// The entry that is committed: plain CommonJS, because it starts faster than a module and on any Node.
// The `--` above: without it Node takes an `--env-file` from anywhere in the command line for its own.
const { existsSync, readFileSync, statSync } = require("node:fs");

const client = __dirname.slice(0, -"/bin".length);
const bundles = `${client}/dist`;
const oldestNode = 20;

start(process.argv[2]);

function start(first) {
  if (Number.parseInt(process.versions.node, 10) < oldestNode) {
    fail(`jobman needs Node ${oldestNode} or newer; this is ${process.version}`);
  } else if (isReady()) {
    const mayBeQuick = first === undefined || first.startsWith("-");
    if (!mayBeQuick || !require(`${bundles}/quick.cjs`).answered) require(`${bundles}/jobman.cjs`);
  }
}

/** Where the sources lie beside them (not in a desktop), the bundles are made again when these have changed. */
function isReady() {
  if (!existsSync(`${client}/src/entry.ts`)) return true;
  if (!stampsAgree()) require("./refresh-bundle.js").refreshBundle(bundles);
  if (existsSync(`${bundles}/jobman.cjs`)) return true;
  fail("jobman's bundle is missing; make it with: npm run prepare");
  return false;
}

/** Whether every source has the size and time that it had when the bundles were made. */
function stampsAgree() {
  try {
    const root = `${client}/../..`;
    const { files } = JSON.parse(readFileSync(`${bundles}/sources.json`, "utf8"));
    return files.every(([path, size, time]) => {
      const found = statSync(`${root}/${path}`);
      return found.size === size && found.mtimeMs === time;
    });
  } catch {
    return false;
  }
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 70;
}
