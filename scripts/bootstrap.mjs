// The only code that must run on the machine's own Node: installs the dependencies, the pinned Node among them,
// and hands over to it. Plain JavaScript, no dependencies.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { treeBelongsToLock } from "./installed-tree.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const verbs = {
  start: "scripts/start.ts",
  stop: "scripts/stop.ts",
  test: "scripts/test.ts",
  check: "scripts/check.ts",
  cluster: "scripts/cluster.ts",
  bench: "scripts/bench.ts",
  images: "tools/images/bin/images.js",
  jobman: "scripts/jobman.ts",
  scheduler: "jobman/scheduler/bin/jobman-scheduler.js",
  simulate: "jobman/scheduler/src/simulate/main.ts",
  tables: "scripts/tables.ts",
  screenshot: "scripts/screenshot.ts",
};
const oldestNode = 20;
const oldestNodeForSources = [22, 18];

const [verb, ...rest] = process.argv.slice(2);
const entry = verbs[verb];
if (entry === undefined) fail(`"${verb}" is none of ${Object.keys(verbs).join(", ")}`);
if (nodeVersion(process.version)[0] < oldestNode) {
  fail(`Node ${process.version} is too old; install Node ${oldestNode} or newer (https://nodejs.org)`);
}
if (verb !== "stop" || existsSync(join(root, "node_modules"))) installDependencies();
// Behind `--` Node leaves options such as `--env-file` to the program.
handOver(pinnedNode(), ["--", join(root, entry), ...rest]);

/** Runs `npm ci` unless the installed tree already belongs to the lock file. */
function installDependencies() {
  if (treeBelongsToLock(root)) return;
  const started = Date.now();
  process.stderr.write("- Install the dependencies and the pinned Node (npm ci, about a minute)\n");
  const install = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (install.error !== undefined) fail(`npm could not be started: ${install.error.message}`);
  if (install.status !== 0) {
    fail(
      "npm ci failed; its own words are above. Behind a proxy or mirror, set npm's `registry` and try again",
    );
  }
  process.stderr.write(
    `  done: Install the dependencies (${((Date.now() - started) / 1000).toFixed(1)} s)\n`,
  );
}

/** The Node of the lock file where its platform has one, else the running one if it can read TypeScript. */
function pinnedNode() {
  const pinned = join(root, "node_modules", ".bin", "node");
  if (spawnSync(pinned, ["--version"]).status === 0) return pinned;
  const [major, minor] = nodeVersion(process.version);
  const [oldestMajor, oldestMinor] = oldestNodeForSources;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) {
    process.stderr.write(
      `  note: no pinned Node for ${process.platform}-${process.arch}; using ${process.version}\n`,
    );
    return process.execPath;
  }
  fail(
    `there is no pinned Node for ${process.platform}-${process.arch}; install the current Node LTS yourself`,
  );
}

/** Signals that come to this process alone are the child's too; its end is ours. */
function handOver(node, args) {
  const environment = { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` };
  const child = spawn(node, args, { cwd: root, stdio: "inherit", env: environment });
  // Ctrl-C at a terminal reaches the whole process group: the child has it already.
  process.on("SIGINT", () => process.stdin.isTTY !== true && child.kill("SIGINT"));
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => fail(`${node} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => {
    process.removeAllListeners(signal ?? "");
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

function nodeVersion(text) {
  return text.replace(/^v/, "").split(".").map(Number);
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(1);
}
