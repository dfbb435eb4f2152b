import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildImage,
  connectDocker,
  containerAddress,
  type DockerConnection,
  execInContainer,
  inspectContainer,
  packFiles,
  publishedPorts,
  readContainerLog,
  removeImage,
} from "@workstation/docker";
import { execa } from "execa";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { noBrowser, openBrowser } from "../image-tests/browser.ts";
import { inboundNetworks } from "./run-settings.ts";

/**
 * A desktop as far as `images run` knows one: its kind, its health check, its passwords and its end. What a person sees of
 * a real one is looked at in the tests of its layer.
 */
const standIn = `FROM workstation-base:debian-12
COPY --chmod=755 bin/ /usr/local/bin/
ENV WORKSTATION_KIND=desktop
EXPOSE 5900 2222
HEALTHCHECK CMD ["workstation-health"]
CMD ["start-desktop"]
`;
const programs: Readonly<Record<string, string>> = {
  "start-desktop": `trap 'exit 0' TERM
[ ! -e /run/secrets/vnc-password ] || cat /run/secrets/vnc-password >/run/workstation/given
[ "$(cat ~/persistent-home/mood 2>/dev/null)" != bad ] || { echo "no screen"; exit 3; }
[ "$(cat ~/persistent-home/mood 2>/dev/null)" != slow ] || exec sleep 600
touch /run/workstation/up; while [ -e /run/workstation/up ]; do sleep 0.1; done`,
  "workstation-health": "[ -e /run/workstation/up ] || { echo unhealthy: not up yet; exit 1; }",
  "workstation-passwords": `[ "$(cat ~/persistent-home/mood 2>/dev/null)" != silent ] || exec tail -f /dev/null
[ -e /run/workstation/given ] || echo VNC made-vnc; echo SSH made-ssh-password`,
};

const unique = `images-run-${randomBytes(4).toString("hex")}`;
const image = `${unique}:1`;
const folder = mkdtempSync(join(tmpdir(), "workstation-run-"));
const places = ["--state", join(folder, "state"), "--run", join(folder, "run")];
const entry = join(import.meta.dirname, "../../bin/images.js");
let docker: DockerConnection;

beforeAll(async () => {
  docker = await connectDocker();
  const scripts = Object.entries(programs).map(([name, text]) => ({
    path: `bin/${name}`,
    mode: 0o755,
    content: Buffer.from(`#!/bin/bash\n${text}\n`),
  }));
  const context = packFiles([{ path: "Dockerfile", mode: 0o644, content: Buffer.from(standIn) }, ...scripts]);
  await buildImage(docker, {
    context,
    tags: [image],
    labels: { "workstation.test-run": unique },
    buildArguments: {},
  });
  addUser("ana", 20_001);
}, 300_000);

afterAll(async () => {
  await removeImage(docker, image);
  rmSync(folder, { recursive: true });
});

function addUser(name: string, uid: number, mood = "good"): void {
  const home = join(folder, "state/users", name, "persistent-home");
  mkdirSync(home, { recursive: true });
  mkdirSync(join(folder, "state/persistent-shared-folder"), { recursive: true });
  writeFileSync(join(home, "mood"), mood);
  writeFileSync(
    join(folder, "state/users", name, "user.json"),
    JSON.stringify({ uid, gid: uid, datasets: [] }),
  );
}

/** The real command; a container that it leaves is removed after the test. */
function images(name: string, ...words: readonly string[]) {
  onTestFinished(async () => {
    await execa(process.execPath, [entry, "run", "--stop", name], { reject: false });
  });
  return execa(process.execPath, [entry, "run", image, "--name", name, ...places, ...words], {
    reject: false,
  });
}

test("a detached desktop is told how to reach on loopback, stays, is listed, and goes with --stop", async () => {
  const name = `${unique}-a`;
  const { stdout, exitCode, stderr } = await images(name, "--user", "ana", "--detach", "--json");
  expect(exitCode, stderr).toBe(0);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({
    apiVersion: "v1",
    name,
    owner: "ana",
    vnc: { host: "127.0.0.1", password: "made-vnc" },
    ssh: { password: "made-ssh-password" },
    scheduler: false,
  });
  expect(told.vnc.port).toBeGreaterThan(1023);
  const list = await execa(process.execPath, [entry, "run", "--list", "--json"]);
  expect(JSON.parse(list.stdout).containers).toContainEqual({ name, owner: "ana", status: "running" });
  const stopped = await execa(process.execPath, [entry, "run", "--stop", name]);
  expect(stopped.stderr).toContain(`${name} is gone`);
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a given password reaches the desktop and is in no setting, label or log", async () => {
  const name = `${unique}-b`;
  const file = join(folder, "vnc");
  writeFileSync(file, "gIvEn-12\n");
  const words = ["--detach", "--json", "--vnc-password-file", file];
  const { stdout, stderr } = await images(name, ...words);
  expect(stderr).not.toContain("error");
  expect(JSON.parse(stdout).vnc.password).toBe("gIvEn-12");
  const all = JSON.stringify(await docker.getContainer(name).inspect());
  expect(all).toContain(name);
  expect(all).not.toContain("gIvEn-12");
  const signal = AbortSignal.timeout(10_000);
  for await (const line of readContainerLog(docker, name, { follow: false, signal }))
    expect(line.data.toString()).not.toContain("gIvEn-12");
});

test("Ctrl-C ends a desktop in the foreground, and removes it", async () => {
  const name = `${unique}-c`;
  const running = images(name);
  let told = "";
  running.stdout.on("data", (bytes: Buffer) => {
    told += bytes;
  });
  await vi.waitUntil(() => told.includes("or Ctrl-C"), { timeout: 120_000, interval: 50 });
  running.kill("SIGINT");
  const { exitCode } = await running;
  expect(exitCode).toBe(0);
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a page in a browser says that its desktop has ended, and what is kept", async ({ skip }) => {
  skip(noBrowser !== undefined, noBrowser);
  const name = `${unique}-w`;
  const running = images(name, "--user", "ana", "--web", "--json");
  const link = new Promise<string>((resolve) => {
    let told = "";
    running.stdout.on("data", (bytes: Buffer) => {
      told += bytes;
      if (told.endsWith("}\n")) resolve(JSON.parse(told).link);
    });
  });
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(90_000); // a machine may be busy with other tests
  await Promise.all([page.waitForEvent("websocket"), page.goto(await link)]);
  await execInContainer(docker, name, { command: ["rm", "/run/workstation/up"] });
  await page.waitForSelector("text=This desktop has ended");
  const said = await page.textContent("#ended");
  const again = `--name ${name} ${places.join(" ")} --user ana --web`;
  for (const part of ["ended from inside", "The persistent-home of ana", again]) expect(said).toContain(part);
  expect((await running).exitCode).toBe(0);
});

test("a desktop that ends at its start is told with its last words, and removed", async () => {
  const name = `${unique}-d`;
  addUser("bob", 20_002, "bad");
  const { exitCode, stderr } = await images(name, "--user", "bob");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("exit 3");
  expect(stderr).toContain("no screen");
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a desktop that never answers for its passwords is told after a while, with a way out, and removed", async () => {
  const name = `${unique}-i`;
  addUser("eve", 20_003, "silent");
  const { exitCode, stderr } = await images(name, "--user", "eve", "--detach");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("the desktop shows no password (workstation-passwords did not end within 30 s");
  expect(stderr).toContain("--vnc-password-file");
  expect(await inspectContainer(docker, name)).toBeUndefined();
}, 120_000);

test("one that still starts is listed as not ready yet, and Ctrl-C ends the waiting", async () => {
  const name = `${unique}-j`;
  addUser("kim", 20_004, "slow");
  const running = images(name, "--user", "kim");
  const listed = async () => (await execa(process.execPath, [entry, "run", "--list"])).stdout;
  await expect.poll(listed, { timeout: 60_000 }).toMatch(new RegExp(`${name} +kim +not ready yet`));
  running.kill("SIGINT");
  await running;
  expect(await inspectContainer(docker, name)).toBeUndefined();
}, 120_000);

test("a command has the caller's streams and gives its exit code; a desktop's image then starts none", async () => {
  const name = `${unique}-e`;
  const running = images(name, "--", "bash", "-c", "cat; echo err >&2; echo $WORKSTATION_KIND; exit 7");
  running.stdin?.end("piped\n");
  const { stdout, stderr, exitCode } = await running;
  expect({ stdout, exitCode }).toEqual({ stdout: "piped\njob", exitCode: 7 });
  expect(stderr).toContain("err");
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a terminal is as large as the person's, and its keys reach the container", async () => {
  const name = `${unique}-h`;
  const inside = `trap 'echo caught; exit 6' INT; until [ "$(stty size)" = "33 101" ]; do sleep 0.1; done
    echo ready; while :; do sleep 0.1; done`;
  const words = [process.execPath, entry, "run", image, "--name", name, "--", "bash", "-c", inside];
  const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  // script(1) gives the command a terminal of its own.
  const running = execa("script", ["-qec", `stty rows 33 cols 101; ${line}`, "/dev/null"], { reject: false });
  onTestFinished(async () => {
    await execa(process.execPath, [entry, "run", "--stop", name], { reject: false });
  });
  let seen = "";
  running.stdout.on("data", (bytes: Buffer) => {
    seen += bytes;
  });
  await vi.waitUntil(() => seen.includes("ready"), { timeout: 60_000, interval: 50 });
  running.stdin.write("\u0003");
  const { exitCode } = await running;
  expect(seen).toContain("caught");
  expect(exitCode).toBe(6);
});

test("a port lets this machine in; containers do not reach each other, nor any other address of the machine or beyond it", async () => {
  const [name, other] = [`${unique}-f`, `${unique}-g`];
  const serve = `exec perl -MIO::Socket::INET -e '$SIG{TERM} = sub { exit }; my $s = IO::Socket::INET->new(LocalPort => 8000, Listen => 5, ReuseAddr => 1) or die;
    while (my $c = $s->accept) { print $c "hello\\n"; close $c }'`;
  const started = await images(name, "--publish", "8000", "--detach", "--json", "--", "bash", "-c", serve);
  const [port] = await publishedPorts(docker, name);
  const told = { ports: [{ host: "127.0.0.1", port: port?.hostPort, containerPort: 8000 }] };
  expect(JSON.parse(started.stdout)).toEqual({ apiVersion: "v1", name, image, owner: null, ...told });
  const call = ["-c", `exec 3<>/dev/tcp/127.0.0.1/${port?.hostPort}; cat <&3`];
  await vi.waitFor(async () => expect((await execa("bash", call)).stdout).toBe("hello"), { timeout: 30_000 });
  const address = await containerAddress(docker, name, inboundNetworks["this machine"]);
  const elsewhere = createServer((socket) => socket.end("reached\n")).listen(0, "0.0.0.0");
  await once(elsewhere, "listening");
  const { port: open } = elsewhere.address() as AddressInfo;
  onTestFinished(() => void elsewhere.close());
  // What listens on the bridge itself is in its network; docs/operate/images.md says so.
  const { Id } = await docker.getNetwork(inboundNetworks["this machine"]).inspect();
  const mine = Object.entries(networkInterfaces())
    .flatMap(([device, each]) => (device === `br-${Id.slice(0, 12)}` ? [] : (each ?? [])))
    .filter((each) => each.family === "IPv4" && !each.internal);
  const outside = mine.map((each) => `timeout 2 bash -c 'exec 3<>/dev/tcp/${each.address}/${open}; cat <&3'`);
  const probe = `${outside.join("; ")}; timeout 2 bash -c 'exec 3<>/dev/tcp/${address}/8000' || echo closed; getent hosts example.org`;
  const { stdout } = await images(other, "--publish", "8000", "--", "bash", "-c", probe);
  expect(stdout).toBe("closed");
});

test("a container that `images run` did not make is none to stop", async () => {
  const refused = await execa(process.execPath, [entry, "run", "--stop", "no-such"], { reject: false });
  expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("no-such") });
});
