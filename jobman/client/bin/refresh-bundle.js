"use strict";
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..", "..", "..");

/**
 * Makes the bundles again unless the sources' contents are still those that they were made from, as in a fresh copy.
 * Without the means to do so (a tree that is not ours to write, a source that is no program) the old ones run, with a
 * warning.
 */
exports.refreshBundle = (folder) => {
  if (contentsAgree(join(folder, "sources.json"))) return;
  const { spawnSync } = require("node:child_process");
  const script = join(__dirname, "make-bundle.mjs");
  const made = spawnSync(process.execPath, [script], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (made.status === 0) return;
  const cause = made.stderr.split("\n").find((line) => /error/i.test(line)) ?? "";
  process.stderr.write(
    `warning: jobman's sources changed and its bundle could not be made again: ${cause.trim()}\n`,
  );
};

/** What the bundles are made from, as one hash over the paths and contents of files below the tree's root. */
exports.hashSources = (paths) => {
  const hash = require("node:crypto").createHash("sha256");
  for (const path of paths) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\n${content.length}\n`).update(content);
  }
  return hash.digest("hex");
};

function contentsAgree(record) {
  try {
    const { hash, files } = JSON.parse(readFileSync(record, "utf8"));
    return exports.hashSources(files.map(([path]) => path)) === hash;
  } catch {
    return false;
  }
}
