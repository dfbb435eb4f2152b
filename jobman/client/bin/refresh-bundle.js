"use strict";
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..", "..", "..");

/**
 * Makes the bundles again unless the sources' contents are still those that they were made from, as in a fresh copy.
 * Without the means to do so (a tree that is not ours to write, a source that is no program) the old ones run, with a
 * warning.
 */
exports.refreshBundle = (folder) => {
  try {
    exports.requireBundle(folder);
  } catch (error) {
    process.stderr.write(
      `warning: jobman's sources changed and its bundle could not be made again: ${error.message}\n`,
    );
  }
};

/** The same for those whom old ones do not serve: throws the cause. */
exports.requireBundle = (folder) => {
  if (exports.newerSources(folder) === undefined) return;
  const { spawnSync } = require("node:child_process");
  const script = join(__dirname, "make-bundle.mjs");
  const made = spawnSync(process.execPath, [script, folder], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (made.status === 0) return;
  const cause = made.stderr.split("\n").find((line) => /error/i.test(line)) ?? "";
  throw new Error(cause.trim());
};

/** What the bundles would be made from now, as one hash, where that is not what they were made from; it changes nothing. */
exports.newerSources = (folder) => {
  try {
    const { hash, files } = JSON.parse(readFileSync(join(folder, "sources.json"), "utf8"));
    const now = exports.hashSources(files.map(([path]) => path));
    return now === hash && existsSync(join(folder, "jobman.cjs")) ? undefined : now;
  } catch {
    return "other files";
  }
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
