"use strict";
const { readFileSync, statSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "../../..");

/**
 * The file that holds the whole command, made anew when one of its sources has changed. Undefined where it cannot be made
 * (a source that is no program, a folder that is not ours to write): the sources then say what is wrong with them.
 */
exports.freshBundle = (folder) => {
  const bundle = join(folder, "images.cjs");
  if (stampsAgree(join(folder, "sources.json"))) return bundle;
  const { spawnSync } = require("node:child_process");
  const script = join(__dirname, "make-bundle.mjs");
  const made = spawnSync(process.execPath, ["--", script, folder], { stdio: "ignore" });
  return made.status === 0 ? bundle : undefined;
};

/** Whether the record is of this very tree, and every source has the size and time that it had. */
function stampsAgree(record) {
  try {
    const { root: madeFor, files } = JSON.parse(readFileSync(record, "utf8"));
    if (madeFor !== root) return false;
    return files.every(([path, size, time]) => {
      const found = statSync(join(root, path));
      return found.size === size && found.mtimeMs === time;
    });
  } catch {
    return false;
  }
}
