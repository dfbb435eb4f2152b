// Plain JavaScript without dependencies: it is asked before there are any.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Whether what `npm ci` or `npm install` left in `node_modules` is what the lock file says. npm writes down there what it
 * has installed, as its last act, without the packages for other platforms. As `npm install --package-lock-only` writes
 * that record too, the packages themselves are asked for their versions.
 */
export function treeBelongsToLock(root) {
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || installed === undefined) return false;
  const { "": _project, ...packages } = wanted;
  return (
    Object.entries(packages).every(([path, each]) => isRecorded(each, installed[path])) &&
    Object.entries(installed).every(([path, each]) => path in packages && lies(join(root, path), each))
  );
}

function isRecorded(wanted, found) {
  if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
  return ["version", "integrity", "resolved"].every((field) => wanted[field] === found[field]);
}

function lies(folder, { link, version }) {
  const found = readJson(join(folder, "package.json"));
  return found !== undefined && (link === true || found.version === version);
}

function packagesOf(file) {
  return readJson(file)?.packages;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
