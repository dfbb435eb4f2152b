import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { exitCodes, type Reporter, UserError } from "@workstation/cli";
import { dockerAnswers } from "@workstation/docker";
import { installDebianPackages, isDebianLike, runLogged } from "@workstation/programs";

const packages = ["docker.io", "iptables"];
const startLimitMs = 90_000;

/**
 * Makes sure that a Docker Engine answers: installs it (as root on Debian or Ubuntu) and starts it when it does not run.
 * Throws `DOCKER_MISSING`, which says what to install, where that cannot be done here.
 */
export async function ensureDockerEngine(reporter: Reporter, localFolder: string): Promise<void> {
  const answer = await dockerAnswers();
  if (answer.ok) {
    reporter.info(`Docker Engine ${answer.version} answers`);
    return;
  }
  if (process.env.DOCKER_HOST !== undefined)
    throw cannotSetUp(`nothing answers at DOCKER_HOST (${answer.reason})`);
  if (process.getuid?.() !== 0)
    throw cannotSetUp(`it does not answer (${answer.reason}) and setting it up needs root`);
  if (!existsSync("/usr/sbin/dockerd") && !existsSync("/usr/bin/dockerd"))
    await install(reporter, localFolder);
  await reporter.step("Start the Docker Engine", () => startEngine(localFolder));
}

async function install(reporter: Reporter, localFolder: string): Promise<void> {
  if (!isDebianLike()) throw cannotSetUp("this system is neither Debian nor Ubuntu");
  const place = { reporter, log: join(localFolder, "apt.log") };
  await installDebianPackages(packages, "the Docker Engine", place);
}

async function startEngine(localFolder: string): Promise<void> {
  const log = join(localFolder, "dockerd.log");
  if (existsSync("/run/systemd/system")) await runLogged(["systemctl", "start", "docker"], { log });
  else startDetached(log);
  const deadline = Date.now() + startLimitMs;
  for (;;) {
    const answer = await dockerAnswers();
    if (answer.ok) return;
    if (Date.now() > deadline) {
      throw new UserError(
        "DOCKER_NOT_STARTED",
        `the Docker Engine did not answer within ${startLimitMs / 1000} s`,
        {
          hint: `its own words are in ${log}`,
          exitCode: exitCodes.unavailable,
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function startDetached(log: string): void {
  forgetStalePid("/var/run/docker.pid", "dockerd");
  forgetStalePid("/var/run/docker/containerd/containerd.pid", "containerd");
  mkdirSync(join(log, ".."), { recursive: true });
  const output = openSync(log, "a");
  spawn("dockerd", [], { detached: true, stdio: ["ignore", output, output] }).unref();
}

/** After a kill the files stay, and their numbers may belong to others by now; dockerd would take those for its own. */
function forgetStalePid(file: string, program: string): void {
  if (!existsSync(file)) return;
  const name = `/proc/${readFileSync(file, "utf8").trim()}/comm`;
  if (!existsSync(name) || readFileSync(name, "utf8").trim() !== program) rmSync(file);
}

function cannotSetUp(reason: string): UserError {
  return new UserError("DOCKER_MISSING", `the Docker Engine is needed: ${reason}`, {
    hint: [
      "Debian or Ubuntu: sudo apt-get install docker.io && sudo usermod -aG docker $USER, then log in again",
      "  other systems: https://docs.docker.com/engine/install/",
    ].join("\n"),
    exitCode: exitCodes.unavailable,
  });
}
