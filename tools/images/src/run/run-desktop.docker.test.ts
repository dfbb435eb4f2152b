import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  connectDocker,
  type DockerConnection,
  execInContainer,
  inspectContainer,
  readContainerLog,
} from "@workstation/docker";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { noBrowser, openBrowser } from "../image-tests/browser.ts";
import { run, useStandInDesktop } from "../testing/stand-in-desktop.ts";

const { unique, folder, places, addUser, start } = useStandInDesktop();
let docker: DockerConnection;
beforeAll(async () => {
  docker = await connectDocker();
  addUser("ana", 20_001);
});

test("a detached desktop is told how to reach on loopback, stays, is listed, and goes with --stop", async () => {
  const name = `${unique}-a`;
  const { stdout, exitCode, stderr } = await start(name, "--user", "ana", "--detach", "--json");
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
  const list = await run("--list", "--json");
  expect(JSON.parse(list.stdout).containers).toContainEqual({ name, owner: "ana", status: "running" });
  const stopped = await run("--stop", name);
  expect(stopped.stderr).toContain(`${name} is gone`);
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a given password reaches the desktop and is in no setting, label or log", async () => {
  const name = `${unique}-b`;
  const file = join(folder, "vnc");
  writeFileSync(file, "gIvEn-12\n");
  const words = ["--detach", "--json", "--vnc-password-file", file];
  const { stdout, stderr } = await start(name, ...words);
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
  const running = start(name);
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
  const running = start(name, "--user", "ana", "--web", "--json");
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
  const { exitCode, stderr } = await start(name, "--user", "bob");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("exit 3");
  expect(stderr).toContain("no screen");
  expect(await inspectContainer(docker, name)).toBeUndefined();
});

test("a desktop that never answers for its passwords is told after a while, with a way out, and removed", async () => {
  const name = `${unique}-i`;
  addUser("eve", 20_003, "silent");
  const { exitCode, stderr } = await start(name, "--user", "eve", "--detach");
  expect(exitCode).toBe(1);
  expect(stderr).toContain("the desktop shows no password (workstation-passwords did not end within 30 s");
  expect(stderr).toContain("--vnc-password-file");
  expect(await inspectContainer(docker, name)).toBeUndefined();
}, 120_000);

test("one that still starts is listed as not ready yet, and Ctrl-C ends the waiting", async () => {
  const name = `${unique}-j`;
  addUser("kim", 20_004, "slow");
  const running = start(name, "--user", "kim");
  const listed = async () => (await run("--list")).stdout;
  await expect.poll(listed, { timeout: 60_000 }).toMatch(new RegExp(`${name} +kim +not ready yet`));
  running.kill("SIGINT");
  await running;
  expect(await inspectContainer(docker, name)).toBeUndefined();
}, 120_000);
