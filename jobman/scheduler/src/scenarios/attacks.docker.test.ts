import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { containerLabels, stateFolders, userFolder } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSchedulerProcess, type SchedulerProcess } from "../testing/scheduler-process.ts";
import { until } from "../testing/until.ts";

// What somebody tries against the machine itself, and must not get. Attacks over the API: attacks.test.ts.

/** An account of the machine that has nothing to do with the queue. */
const stranger = 65_534;
const obstacle = findObstacle();

let scheduler: SchedulerProcess;

describe.skipIf(obstacle !== undefined)(`against the machine ${obstacle ?? ""}`, () => {
  beforeAll(async () => {
    scheduler = await makeSchedulerProcess();
    await scheduler.addUsers(["mallory", "ada"]);
    await scheduler.start();
  }, 120_000);
  afterAll(() => scheduler.dispose());

  test("a setuid and setgid shell that a job leaves behind gives a stranger nothing", async () => {
    const { state } = scheduler;
    await runJob("mallory", leaveShells);
    // Even where an operator opened the folders to everybody.
    for (const folder of [dirname(state), state, scheduler.home("mallory")]) chmodSync(folder, 0o711);
    const shells = [
      join(stateFolders(state).sharedFolder, "shell"),
      join(scheduler.home("mallory"), "shell"),
    ];
    for (const shell of shells) {
      expect(statSync(shell).mode & 0o7000).toBe(0o6000);
      expect(asStranger(shell, "-p", "-c", "echo $EUID; id -g").stdout).toBe(`${stranger}\n${stranger}\n`);
    }
  });

  test("with it nobody passes Docker's data root, nor reads another's log, scratch or home", async () => {
    await runJob("mallory", leaveShells);
    const shell = join(stateFolders(scheduler.state).sharedFolder, "shell");
    const { log, scratch } = await secretsOf("ada");
    const home = join(scheduler.home("ada"), "secret");
    writeFileSync(home, "secret");
    const { DockerRootDir } = await scheduler.docker.info();
    for (const target of [log, scratch, home]) {
      expect(readFileSync(target, "utf8")).toContain("secret");
      expect(asStranger(shell, "-p", "-c", `cat ${target}`)).toMatchObject({ status: 1, stdout: "" });
    }
    expect(asStranger(shell, "-p", "-c", `ls ${DockerRootDir}`)).toMatchObject({ status: 2, stdout: "" });
  });

  test("a device file in a user's folder opens no device", async () => {
    const folder = join(stateFolders(scheduler.state).sharedFolder, "devices");
    mkdirSync(folder, { mode: 0o777 });
    const zero = join(folder, "zero");
    expect(spawnSync("mknod", ["-m", "666", zero, "c", "1", "5"]).status).toBe(0);
    const { status, stdout } = spawnSync("head", ["-c", "1", zero], { encoding: "utf8" });
    expect([status, stdout]).toEqual([1, ""]);
  });

  test("a stranger sees nothing of the state folder as it is made", () => {
    chmodSync(scheduler.state, 0o700);
    const { users, sharedFolder, audit } = stateFolders(scheduler.state);
    for (const folder of [scheduler.state, users, sharedFolder]) {
      expect(asStranger("/bin/ls", folder)).toMatchObject({ status: 2, stdout: "" });
    }
    for (const file of [audit, userFolder(scheduler.state, "ada").record]) {
      expect(asStranger("/bin/cat", file)).toMatchObject({ status: 1, stdout: "" });
      expect(statSync(file).mode & 0o777).toBe(0o600);
    }
  });

  test("a stranger cannot hold the scheduler's lock and so keep it from starting", async () => {
    await scheduler.kill("SIGKILL");
    for (const folder of [dirname(scheduler.state), scheduler.state]) chmodSync(folder, 0o711);
    const lock = join(scheduler.state, "lock");
    expect(asStranger("/usr/bin/flock", "--shared", lock, "true").status).not.toBe(0);
    await scheduler.start();
  });

  test("a record that was edited to root's uid or group is a problem, and no job runs as root", async () => {
    const { record } = userFolder(scheduler.state, "mallory");
    const before = readFileSync(record, "utf8");
    for (const edited of [{ uid: 0 }, { gid: 0 }]) {
      writeFileSync(record, JSON.stringify({ ...JSON.parse(before), ...edited }));
      await scheduler.kill("SIGTERM");
      await scheduler.start();
      const status = await scheduler.status();
      expect(status?.users.map((user) => user.name)).toEqual(["ada"]);
      expect(status?.problems).toContainEqual(expect.stringContaining("mallory"));
      await expect(scheduler.as("mallory")("GET", "/v1/jobs")).rejects.toThrow();
    }
    writeFileSync(record, before);
  });
});

const inJob = "/home/chaimeleon";
const leaveShells = ["persistent-shared-folder", "persistent-home"]
  .map((folder) => `cp -f /bin/bash ${inJob}/${folder}/shell && chmod 6777 ${inJob}/${folder}/shell`)
  .join(" && ");

function asStranger(command: string, ...argv: readonly string[]) {
  const ids = ["--reuid", String(stranger), "--regid", String(stranger), "--clear-groups"];
  return spawnSync("setpriv", [...ids, command, ...argv], { encoding: "utf8", timeout: 30_000 });
}

/** Runs a shell line as `user`'s job to its end. */
async function runJob(user: string, line: string): Promise<void> {
  const ask = scheduler.as(user);
  const { status, body } = await ask("POST", "/v1/jobs", { arguments: ["sh", "-c", line] });
  expect([status, body]).toEqual([201, expect.anything()]);
  const { name } = body.job;
  const state = async () => final((await ask("GET", `/v1/jobs/${name}`)).body.state);
  expect(await until("it ended", state, 30_000)).toBe("succeeded");
  await ask("DELETE", `/v1/jobs/${name}`);
}

function final(state: string): string | undefined {
  return ["succeeded", "failed", "expired", "deleted"].includes(state) ? state : undefined;
}

/** Files of the engine in which a running job of `user` keeps a secret. */
async function secretsOf(user: string): Promise<{ readonly log: string; readonly scratch: string }> {
  const line = "echo secret > /tmp/file; echo secret; sleep 600";
  const { body } = await scheduler.as(user)("POST", "/v1/jobs", { arguments: ["sh", "-c", line] });
  const label = `${containerLabels.id}=${body.job.id}`;
  const find = async () => (await scheduler.docker.listContainers({ filters: { label: [label] } }))[0];
  const { Id } = await until("it runs", find, 30_000);
  const { LogPath, Mounts } = await scheduler.docker.getContainer(Id).inspect();
  const scratch = join(Mounts.find((each) => each.Destination === "/tmp")?.Source ?? "", "file");
  const isWritten = (): boolean => /secret/.test(readFileSync(LogPath, "utf8"));
  await until("it wrote its secrets", () => isWritten() || undefined);
  return { log: LogPath, scratch };
}

function findObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "(only root can become another account)";
  const mayMount = spawnSync("unshare", ["--mount", "true"]).status === 0;
  return mayMount ? undefined : "(this root may not mount)";
}
