import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, type DockerConnection, inspectImage } from "@workstation/docker";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { withExample } from "./examples.ts";
import { home, type RunOptions, runInContainer, testImage } from "./in-container.ts";
import { wheel } from "./wheel.ts";

let docker: DockerConnection;
let missing = "";

beforeAll(async () => {
  try {
    docker = await connectDocker();
    if ((await inspectImage(docker, testImage)) === undefined) missing = `there is no image ${testImage}`;
  } catch (error) {
    missing = `no Docker engine answers: ${(error as Error).message}`;
  }
});

beforeEach(({ skip }) => skip(missing !== "", missing));

const run = (command: readonly string[], options?: RunOptions) => runInContainer(docker, command, options);
const result = async (command: readonly string[], options?: RunOptions) =>
  (await run(command, options)).ended();

describe("a container of the image", () => {
  test("runs its command as the user, in the home, after a default init.sh was made", async () => {
    const running = await run(["echo $(id -un) $(pwd) $HOME; cat $WORKSTATION_RUN/init.json"]);
    const { stdout, code } = await running.ended();
    const [first, status = ""] = stdout.split("\n");
    expect({ first, code }).toEqual({ first: `chaimeleon ${home} ${home}`, code: 0 });
    expect(JSON.parse(status)).toMatchObject({ state: "succeeded", exitCode: 0 });
    expect(await readdir(running.persistentHome)).toEqual(["init.sh"]);
  });

  test.for([54_321, 123_456_789, 1001])(
    "keeps the user's name under uid %i, which has no passwd entry",
    async (uid) => {
      const line =
        "id -un; id -u; whoami; python3 -c 'import getpass, os; print(getpass.getuser(), os.path.expanduser(\"~\"))'";
      const { stdout, code } = await result([line], { uid });
      expect(stdout).toBe(`chaimeleon\n${uid}\nchaimeleon\nchaimeleon ${home}\n`);
      expect(code).toBe(0);
    },
  );

  test("keeps the user's name under an arbitrary uid with group 0", async () => {
    const { stdout } = await result(["id -un; id -g; getent passwd chaimeleon"], {
      uid: 54_321,
      settings: { gid: 0 },
    });
    expect(stdout).toBe(`chaimeleon\n0\nchaimeleon:x:54321:54321::${home}:/bin/bash\n`);
  });

  test("finds the home by its name when the engine names none", async () => {
    const { stdout } = await result(["echo $HOME"], { uid: 54_321, settings: { environment: {} } });
    expect(stdout).toBe(`${home}\n`);
  });

  test("works with an empty home in memory", async () => {
    const memory = { target: home, options: "mode=0700,uid=1000,gid=1000,size=16m" };
    const { stdout, code } = await result(["ls -A ~ | sort | tr '\\n' ' '"], {
      settings: { scratch: [], binds: [], memoryFolders: [memory, { target: "/tmp", options: "mode=1777" }] },
    });
    expect(stdout).toContain("datasets persistent-home persistent-shared-folder");
    expect(code).toBe(0);
  });

  test("works where nothing at all can be written", async () => {
    const settings = { scratch: [], binds: [], memoryFolders: [] };
    const { stdout, stderr, code } = await result(["echo", "ran"], { settings, uid: 54_321 });
    expect({ stdout, code, stderr }).toMatchObject({ stdout: "ran\n", code: 0 });
  });

  test("gives every argument as it is, and a line to the shell", async () => {
    const words = ["a  b", "", "*", "$HOME", "x\ny", "--", "'\""];
    expect((await result(["printf", "<%s>", ...words])).stdout).toBe(
      words.map((word) => `<${word}>`).join(""),
    );
    expect((await result(["--", "echo a && echo b"])).stdout).toBe("a\nb\n");
    const exact = { environment: { WORKSTATION_EXACT: "1" } };
    expect((await result(["echo a && echo b"], exact)).code).toBe(127);
  });

  test.for([
    ["exit 7", 7],
    ["kill -KILL $$", 137],
    ["no-such-command", 127],
  ] as const)("ends with the command's code: %s", async ([line, code]) => {
    expect((await result([line])).code).toBe(code);
  });
});

describe("docker stop", () => {
  test("reaches the command and its children; the code is the command's", async () => {
    const child = "trap 'echo child; exit' TERM; echo ready; while :; do read -t 1 <> <(:); done";
    const line = `trap 'wait; echo parent; exit 5' TERM; bash -c "$CHILD" & wait`;
    const running = await run([line], { environment: { CHILD: child } });
    await running.wrote("ready");
    await running.stop(20);
    const { code, stdout } = await running.ended();
    expect(stdout.split("\n").sort().join(" ").trim()).toBe("child parent ready");
    expect(code).toBe(5);
  });

  test("ends a command that catches nothing with 143", async () => {
    const running = await run(["sh", "-c", "echo ready; exec sleep 600"]);
    await running.wrote("ready");
    await running.stop(20);
    expect((await running.ended()).code).toBe(143);
  });

  test("during init.sh stops it before Docker's ten seconds are over; the command never runs", async () => {
    const init = "trap '' TERM; echo working; while :; do sleep 1; done\n";
    const running = await run(["echo", "ran"], { init });
    await running.wrote("working");
    await running.stop(10);
    expect(await running.ended()).toMatchObject({ code: 143, stdout: "" });
  });
});

describe("init.sh in a container", () => {
  test("hands variables on and fails without stopping the command", async () => {
    const init = 'echo "A=a b" >> "$WORKSTATION_ENV"\necho LD_PRELOAD=/x >> "$WORKSTATION_ENV"\nexit 4\n';
    const { stdout, stderr, code } = await result(['echo "$A"; workstation-init-status'], { init });
    expect(stdout).toBe("a b\nfailed: exit code 4\n");
    expect(stderr).toContain("LD_PRELOAD is refused");
    expect(code).toBe(1);
  });

  test("with policy fail ends the job", async () => {
    const environment = { WORKSTATION_INIT_POLICY: "fail" };
    expect(await result(["echo", "ran"], { init: "exit 4\n", environment })).toMatchObject({
      code: 4,
      stdout: "",
    });
  });

  test("is stopped at its time limit with all that it started", async () => {
    const init = "trap '' TERM; sleep 600 & while :; do sleep 1; done\n";
    const environment = { WORKSTATION_INIT_TIMEOUT: "1", WORKSTATION_INIT_GRACE: "1" };
    const { stdout, code } = await result(["pgrep -c sleep; true"], { init, environment });
    expect({ stdout, code }).toEqual({ stdout: "0\n", code: 0 });
  });

  test("leaves no zombie: what it left behind is reaped when it ends", async () => {
    const init = "(sleep 0.1 &) ; exit 0\n";
    const line = "until ! pgrep -x sleep >/dev/null; do :; done; ps -eo stat= | grep -c ^Z; true";
    expect((await result([line], { init })).stdout).toBe("0\n");
  });

  test("installs packages from the shared folder by example 4, without any network", async () => {
    const shared = await mkdtemp(join(tmpdir(), "init-shared-"));
    onTestFinished(() => rm(shared, { recursive: true, force: true }));
    const wheels = join(shared, "python-packages");
    await mkdir(wheels);
    for (const name of ["catboost", "lifelines"]) {
      await writeFile(join(wheels, `${name}-1.0-py3-none-any.whl`), wheel(name, `answer = "${name}"\n`));
    }
    await chmod(shared, 0o755);
    const running = await run(
      ["python3 -c 'import lifelines; print(lifelines.answer, lifelines.__file__)'"],
      {
        init: await withExample(4),
        moreBinds: [{ source: shared, target: `${home}/persistent-shared-folder`, readOnly: true }],
      },
    );
    const { stdout, code } = await running.ended();
    expect(stdout).toMatch(/^lifelines \/home\/chaimeleon\/\.local\/.*\/lifelines\.py\n$/);
    expect(code).toBe(0);
  });
});
