import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import { imageLabels } from "@workstation/site";
import { beforeAll, beforeEach, expect, test as oneByOne } from "vitest";
import { type Running, runInContainer, testImage } from "./in-container.ts";

/** Each waits for a container of its own, and most of its time for a program that saves. */
const test = oneByOne.concurrent;

let docker: DockerConnection;
let missing = "";
let missingAssets = "";

beforeAll(async () => {
  try {
    docker = await connectDocker();
    const image = await inspectImage(docker, testImage);
    if (image === undefined) missing = `there is no image ${testImage}`;
    missingAssets = image?.labels[imageLabels.missingAssets] ?? "";
  } catch (error) {
    missing = `no Docker engine answers: ${(error as Error).message}`;
  }
});

beforeEach(({ skip }) => skip(missing !== "", missing));

/** Takes its time to save after TERM; a second TERM would be a second line. */
const program = `
import signal, sys, time
def save(*_):
    with open("saved", "a") as file: print("TERM", file=file)
    time.sleep(1)
    with open("saved", "a") as file: print("saved", file=file)
    sys.exit(5)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
while True: time.sleep(60)
`;

const pool = `
import multiprocessing, time
def work(number):
    import signal, sys
    def save(*_):
        time.sleep(1)
        open(f"worker-{number}", "w").write("saved")
        sys.exit(0)
    signal.signal(signal.SIGTERM, save)
    print("ready", flush=True)
    while True: time.sleep(60)
multiprocessing.Process(target=work, args=(1,)).start()
while True: time.sleep(60)
`;

const grace = 20;

async function start(line: string): Promise<Running> {
  const here = "cd ~/persistent-home && ";
  const write = `printf %s "$CK" >ck.py; printf %s "$POOL" >pool.py; printf 'python3 ck.py\\necho then\\n' >run.sh; `;
  const running = await runInContainer(docker, [here + write + line], {
    environment: { CK: program, POOL: pool },
  });
  await running.wrote("ready");
  return running;
}

async function stopAndMeasure(running: Running): Promise<number> {
  const begun = performance.now();
  await running.stop(grace);
  return (performance.now() - begun) / 1000;
}

const saved = (running: Running, name = "saved") => readFile(join(running.persistentHome, name), "utf8");

test.for<readonly [string, string]>([
  ["of a line of several commands", "cd . && python3 ck.py && echo then"],
  ["in a pipeline", "python3 ck.py | tee log"],
  ["in the background", "python3 ck.py & wait"],
  ["that the shell did not wait for", "python3 ck.py & read -r <> <(:)"],
  ["of a script of two steps", "bash run.sh"],
  [
    "traced by proot, as in a container of udocker",
    "PROOT_TMP_DIR=~ /opt/udocker/bin/proot-x86_64 -r / -w ~/persistent-home python3 ck.py; true",
  ],
  ["under nohup", "nohup python3 ck.py & wait"],
])("a program %s saves its work after one TERM; the code is the shell's", async ([_, line], { skip }) => {
  skip(line.includes("proot") && missingAssets.includes("proot"), `${testImage} was built without proot`);
  const running = await start(line);
  const seconds = await stopAndMeasure(running);
  expect(await saved(running)).toBe("TERM\nsaved\n");
  expect(seconds).toBeLessThan(grace / 2);
  expect(await running.ended()).toMatchObject({ code: 143, stdout: expect.not.stringContaining("then") });
});

test.each([
  ["of a session of its own", "setsid python3 ck.py; true"],
  ["of a shell with job control", "set -m; python3 ck.py & wait"],
])("a program %s gets its one TERM when the command has ended", async (_, line) => {
  const running = await start(line);
  await stopAndMeasure(running);
  expect(await saved(running)).toBe("TERM\nsaved\n");
});

test("what the saving itself starts is not told to end", async () => {
  const save = "setsid bash -c 'sleep 1; echo whole >saved' & exit 6";
  const running = await start(`trap "${save}" TERM; echo ready; while :; do read -t 1 <> <(:); done`);
  await stopAndMeasure(running);
  expect(await saved(running)).toBe("whole\n");
  expect((await running.ended()).code).toBe(6);
});

test("a worker of Python's multiprocessing saves its work though its parent is gone", async () => {
  const running = await start("python3 pool.py");
  await stopAndMeasure(running);
  expect(await saved(running, "worker-1")).toBe("saved");
});

test("the rules are those of a command that is executed exactly, too", async () => {
  const running = await runInContainer(
    docker,
    [
      "bash",
      "-c",
      "(trap 'sleep 1; echo it >~/persistent-home/saved; exit' TERM; echo ready; while :; do read -t 1 <> <(:); done); true",
    ],
    {
      environment: { WORKSTATION_EXACT: "1" },
    },
  );
  await running.wrote("ready");
  await stopAndMeasure(running);
  expect(await saved(running)).toBe("it\n");
});

test("what init.sh left running saves its work too, and its last words are shown", async () => {
  const init =
    "(trap 'sleep 1; echo last words; exit' TERM; echo set; while :; do read -t 1 <> <(:); done) &\n";
  const running = await runInContainer(docker, ["echo ready; exec sleep 600"], { init });
  await running.wrote("set");
  await running.wrote("ready");
  await stopAndMeasure(running);
  expect(await running.ended()).toMatchObject({ code: 143, stderr: expect.stringContaining("last words") });
});

test("whoever ignores TERM is killed when the grace is over", async () => {
  const running = await runInContainer(docker, ["(trap '' TERM; echo ready; exec sleep 600); true"]);
  await running.wrote("ready");
  await running.stop(2);
  expect((await running.ended()).code).toBe(137);
});

test("a job that ends by itself waits for nothing that it left running", async () => {
  const running = await runInContainer(docker, ["sleep 600 & exit 3"]);
  expect((await running.ended()).code).toBe(3);
});

test("at a terminal the command is executed in place of the start-up scripts", async () => {
  const line =
    "exec script -qec '/usr/local/lib/workstation/entrypoint sh -c \"ps -o comm= -p \\$PPID\"' /dev/null";
  const running = await runInContainer(docker, [line]);
  expect((await running.ended()).stdout).not.toContain("entrypoint");
});
