import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectDocker, execInContainer, inspectImage } from "@workstation/docker";
import { noBrowser, openBrowser } from "@workstation/images/browser";
import { makeSchedulerProcess, type SchedulerProcess } from "@workstation/scheduler/testing";
import { loadSite } from "@workstation/site";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { $ } from "zx/core";
import { readFamily } from "../../tools/images/src/family/read-family.ts";
import { projectFolder } from "../setup/places.ts";

const user = "anna";
let scheduler: SchedulerProcess;

beforeAll(async () => {
  scheduler = await makeSchedulerProcess();
  await scheduler.addUsers([user]);
  await scheduler.start();
}, 120_000);
afterAll(() => scheduler.dispose());

/** The fullest desktop that this machine has; undefined when it has none. */
async function desktopImage(): Promise<string | undefined> {
  const named = process.env.WORKSTATION_TEST_DESKTOP;
  if (named !== undefined) return named;
  const docker = await connectDocker();
  const { prefix } = loadSite(join(projectFolder, "site.yaml")).registry;
  for (const { name, kind } of (await readFamily(projectFolder)).toReversed()) {
    const there = kind === "desktop" && (await inspectImage(docker, `${prefix}${name}:latest`)) !== undefined;
    if (there) return name;
  }
  return undefined;
}

function images(...words: readonly string[]) {
  return $({ cwd: projectFolder, nothrow: true, quiet: true })`node tools/images/bin/images.js run ${words}`;
}

/** Starts the desktop before the person's eyes; resolves with its link. */
async function startDesktop(image: string, name: string): Promise<string> {
  const places = ["--state", scheduler.state, "--run", scheduler.run];
  const running = images(image, "--web", "--user", user, "--name", name, ...places);
  onTestFinished(async () => {
    await images("--stop", name);
    await running;
  });
  let told = "";
  running.stdout.on("data", (bytes: Buffer) => {
    told += bytes;
  });
  const ended = running.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const ready = vi.waitUntil(() => /jobman .*\n/.test(told), { timeout: 150_000, interval: 50 });
  await Promise.race([ready, ended]);
  expect(told).toContain("jobs go to the scheduler of this machine");
  return /http:\S+/.exec(told)?.[0] ?? "";
}

/** Whether a line of shell succeeds in a container. */
async function execIn(name: string): Promise<(line: string) => Promise<boolean>> {
  const docker = await connectDocker();
  return async (line) => {
    const { exitCode } = await execInContainer(docker, name, { command: ["bash", "-c", line] });
    return exitCode === 0;
  };
}

test("in the desktop that `images run --web` shows in a browser, a job is sent from a terminal without any set-up", async ({
  skip,
}) => {
  const image = await desktopImage();
  skip(image === undefined, "there is no desktop's image on this machine");
  skip(noBrowser !== undefined, noBrowser);
  const name = `${user}-${process.pid}-desktop`;
  const link = await startDesktop(image ?? "", name);
  const browser = await openBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(link);
  await page.locator("canvas").waitFor();
  onTestFinished(async () => {
    await page.screenshot({ path: join(projectFolder, ".local/screenshots/images-run.png") });
    await browser.close();
  });
  const inside = await execIn(name);
  // Keys before the desktop is drawn are lost.
  const opens = async () => {
    await page.keyboard.press("Control+Alt+t");
    await vi.waitUntil(() => inside("pgrep -x lxterminal"), { timeout: 10_000, interval: 500 });
    return true;
  };
  await vi.waitFor(opens, { timeout: 90_000, interval: 100 });
  // A window that is just opening loses keys.
  const takesKeys = async () => {
    await page.keyboard.type("touch /tmp/typed\n", { delay: 20 });
    return await inside("test -e /tmp/typed");
  };
  await vi.waitUntil(takesKeys, { timeout: 60_000, interval: 1000 });
  const result = join(scheduler.home(user), "result");
  const line =
    "jobman submit --wait -- echo hi > persistent-home/part && mv persistent-home/part persistent-home/result";
  await page.keyboard.type(`cd; ${line}\n`, { delay: 20 });
  await vi.waitUntil(() => existsSync(result), { timeout: 90_000, interval: 100 });
  expect(readFileSync(result, "utf8")).toBe("hi\n");
}, 300_000);
