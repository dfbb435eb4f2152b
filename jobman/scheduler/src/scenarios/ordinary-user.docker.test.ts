import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectDocker, daemonSocket } from "@workstation/docker";
import { adminSocket, userFolder, userSocket } from "@workstation/site";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { removeInstance } from "../platforms/testing/docker-fixture.ts";
import { ask } from "../testing/scheduler-fixture.ts";
import { plainImage } from "../testing/scheduler-process.ts";
import { siteText } from "../testing/site-text.ts";
import { until } from "../testing/until.ts";

/** Any account that is neither root nor anybody here. */
const uid = 20_881;
const program = fileURLToPath(new URL("../../bin/jobman-scheduler.js", import.meta.url));
const instance = `test-${randomBytes(4).toString("hex")}`;
let folder: string;
let serving: ChildProcess;
let dockerGroup = 0;

const obstacle = await findObstacle();

describe.skipIf(obstacle !== undefined)(
  `as an ordinary account of the docker group ${obstacle ?? ""}`,
  () => {
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "jobman-ordinary-"));
      chownSync(folder, uid, uid);
      const site = siteText
        .replace("allowed: [family]", `allowed: ["${plainImage}"]`)
        .replace("image: ubuntu-python:latest", `image: "${plainImage}"`);
      writeFileSync(join(folder, "site.yaml"), site);
      serving = spawn("setpriv", [...asAccount(), ...serveCommand()], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      await until("it serves", () => answers(adminSocket(run()).socket, "/v1/status"), 30_000);
    });
    afterAll(async () => {
      serving.kill("SIGKILL");
      for (const each of [instance, `${instance}-2`]) await removeInstance(await connectDocker(), each);
      rmSync(folder, { recursive: true, force: true });
    });

    test("it serves itself: the job has its uid, and its files belong to it", async () => {
      expect(command("user", "add", "ada").status).toBe(0);
      const { socket } = userSocket(run(), "ada");
      const line = "id -u; id -g; echo mine > /home/chaimeleon/persistent-home/file";
      const sent = { method: "POST", path: "/v1/jobs", body: { name: "one", arguments: ["sh", "-c", line] } };
      expect((await ask(socket, sent)).status).toBe(201);
      const log = await ask(socket, { method: "GET", path: "/v1/jobs/one/log?follow=true" });
      const data = log.text
        .trim()
        .split("\n")
        .map((each) => JSON.parse(each).data);
      expect(data.join("")).toBe(`${uid}\n${uid}\n`);
      const home = userFolder(join(folder, "state"), "ada").persistentHome;
      expect(statSync(join(home, "file")).uid).toBe(uid);
      expect((await ask(socket, { method: "DELETE", path: "/v1/jobs" })).status).toBe(200);
    });

    test("another uid is refused, with the way out", () => {
      const { status, stderr } = command("user", "add", "ben", "--uid", "20882");
      expect([status, stderr]).toEqual([2, expect.stringMatching(/uid 20882.*20881[\s\S]*as root/)]);
    });

    test("nobody else gets into its folders", () => {
      expect(statSync(run()).mode & 0o777).toBe(0o700);
      expect(statSync(adminSocket(run()).folder).mode & 0o777).toBe(0o700);
    });

    test("a run folder that somebody else made first is refused", () => {
      const foreign = join(folder, "foreign");
      execFileSync("install", ["-d", "-o", "20882", foreign]);
      const own = ["--state", join(folder, "other-state"), "--instance", `${instance}-2`];
      const argv = [...asAccount(), ...serveCommand(), "--run", foreign, ...own];
      const { status, stderr } = spawnSync("setpriv", argv, { encoding: "utf8", timeout: 30_000 });
      expect([status, stderr]).toEqual([
        2,
        expect.stringContaining(`${foreign} is not a folder of uid ${uid}`),
      ]);
    });
  },
);

const run = () => join(folder, "run");
const places = () => ["--state", join(folder, "state"), "--run", run(), "--site", join(folder, "site.yaml")];

function serveCommand(): readonly string[] {
  return [process.execPath, program, "serve", "--engine", "docker", "--instance", instance, ...places()];
}

function command(...argv: readonly string[]) {
  const whole = [...asAccount(), process.execPath, program, ...argv, ...places()];
  return spawnSync("setpriv", whole, { encoding: "utf8", timeout: 30_000 });
}

function asAccount(): readonly string[] {
  return ["--reuid", String(uid), "--regid", String(uid), "--groups", String(dockerGroup), "--inh-caps=-all"];
}

async function answers(socket: string, path: string): Promise<boolean> {
  if (serving.exitCode !== null) throw new Error(`it ended with ${serving.exitCode}`);
  const answer = await ask(socket, { method: "GET", path }).catch(() => undefined);
  return answer?.status === 200;
}

async function findObstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return "only root can become another account";
  const socket = daemonSocket(await connectDocker());
  if (socket === undefined) return "the engine has no local socket";
  dockerGroup = statSync(socket).gid;
  if ((statSync(socket).mode & 0o060) !== 0o060) return "the engine's socket is not open to its group";
  const reads = spawnSync("setpriv", [...asAccount(), process.execPath, "--check", program]);
  return reads.status === 0 ? undefined : "another account cannot read the project's folder";
}
