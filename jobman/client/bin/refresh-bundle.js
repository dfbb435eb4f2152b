"use strict";
const { readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..", "..", "..");

/**
 * Makes the bundle again when a source has another size or time than when it was made. Without the means to do so (a
 * tree that is not ours to write) the old bundle runs, with a warning.
 */
exports.refreshBundle = (folder) => {
  if (isFresh(join(folder, "sources.json"))) return;
  const { spawnSync } = require("node:child_process");
  const script = join(root, "scripts", "build-jobman.mjs");
  const made = spawnSync(process.execPath, [script], {
    encoding: "utf8",
    stdio: ["ignore", "ignore", "pipe"],
  });
  if (made.status === 0) return;
  process.stderr.write(
    `warning: jobman's sources changed and its bundle could not be made again\n${made.stderr}`,
  );
};

function isFresh(record) {
  try {
    const { files } = JSON.parse(readFileSync(record, "utf8"));
    return files.every(([path, size, time]) => {
      const found = statSync(join(root, path));
      return found.size === size && found.mtimeMs === time;
    });
  } catch {
    return false;
  }
}
