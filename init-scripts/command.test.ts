import { spawnSync } from "node:child_process";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { preparePlainStart } from "./plain-start.ts";

const separate = ["printf", "%s\\0"];

describe("the arguments of a container", () => {
  test("several arguments arrive byte for byte", async () => {
    const start = await preparePlainStart();
    const hostile = [
      "",
      " ",
      "a b",
      "*",
      "?",
      "$HOME",
      "`id`",
      "'",
      '"',
      "\\",
      "a\nb",
      "\n",
      "--",
      "-n",
      "é\u{1f600}",
      "\t",
    ];
    const { stdout, code } = await start.start([...separate, ...hostile]);
    expect(stdout.split("\0").slice(0, -1)).toEqual(hostile);
    expect(code).toBe(0);
  });

  test("any text arrives as it is", async () => {
    const start = await preparePlainStart();
    const text = fc.string({ unit: "binary" }).filter((each) => !each.includes("\0"));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 6 }), async (texts) => {
        const { stdout } = await start.start([...separate, ...texts]);
        expect(stdout.split("\0").slice(0, -1)).toEqual(texts.map((each) => each.toWellFormed()));
      }),
      { numRuns: 15 },
    );
  });

  test("bytes that are no UTF-8 arrive", async () => {
    const start = await preparePlainStart();
    const line = "exec \"$1\" printf %s $'a\\377b' | od -An -tx1";
    const { stdout } = await start.start(["-c", line, "bash", start.entrypoint], { script: "/bin/bash" });
    expect(stdout.trim()).toBe("61 ff 62");
  });

  test("one argument that is a command on PATH is executed", async () => {
    const start = await preparePlainStart();
    expect(await start.start(["pwd"])).toMatchObject({ stdout: "/\n", code: 0 });
  });

  test("one argument that is the path of a program with a blank in it is executed", async () => {
    const start = await preparePlainStart();
    const program = join(start.root, "my tool");
    await writeFile(program, "#!/bin/sh\necho mine\n");
    await chmod(program, 0o755);
    expect(await start.start([program])).toMatchObject({ stdout: "mine\n", code: 0 });
  });

  test.each([
    ["echo a && echo b", "a\nb\n"],
    ["echo one two", "one two\n"],
    ['for i in 1 2; do echo "$i"; done', "1\n2\n"],
    ["echo '*'", "*\n"],
    ["X=1; echo $X", "1\n"],
    ["cd /usr\npwd", "/usr\n"],
    ["-n 2>/dev/null; echo still a line", "still a line\n"],
  ])("one argument with shell syntax or blanks is a line for the shell: %s", async (line, wanted) => {
    const start = await preparePlainStart();
    expect(await start.start([line])).toMatchObject({ stdout: wanted });
  });

  test("a line with parentheses and quotes after -c is not touched by any shell", async () => {
    const start = await preparePlainStart();
    const { stdout } = await start.start(["sh", "-c", 'echo "$(echo deep; echo "$1")"', "x", "a  b"]);
    expect(stdout).toBe("deep\na  b\n");
  });

  test("one leading -- is dropped, a second one is an argument", async () => {
    const start = await preparePlainStart();
    expect(await start.start(["--", "echo", "--", "x"])).toMatchObject({ stdout: "-- x\n" });
    expect(await start.start(["--", "echo a; echo b"])).toMatchObject({ stdout: "a\nb\n" });
    expect(await start.start(["--", "--", "echo"])).toMatchObject({ code: 127 });
  });

  test("with WORKSTATION_EXACT nothing is dropped and no shell reads the line", async () => {
    const start = await preparePlainStart();
    const env = { WORKSTATION_EXACT: "1" };
    expect(await start.start(["echo a && echo b"], { env })).toMatchObject({ stdout: "", code: 127 });
    expect(await start.start(["--", "echo"], { env })).toMatchObject({ stdout: "", code: 127 });
    expect(await start.start(["env"], { env })).toMatchObject({
      stdout: expect.not.stringContaining("WORKSTATION_EXACT"),
    });
  });

  test("with WORKSTATION_EXACT init.sh still runs first", async () => {
    const start = await preparePlainStart();
    await start.writeInit('echo "A=1" > "$WORKSTATION_ENV"');
    const env = { WORKSTATION_EXACT: "1" };
    expect(await start.start(["printenv", "A"], { env })).toMatchObject({ stdout: "1\n", code: 0 });
  });

  test("without arguments a shell is started", async () => {
    const start = await preparePlainStart();
    expect(await start.start([])).toMatchObject({ stdout: "", code: 0 });
    expect(await start.start(["--"])).toMatchObject({ stdout: "", code: 0 });
  });
});

describe("the exit code of a container", () => {
  test.each([
    ["exit 0", 0],
    ["exit 7", 7],
    ["exit 255", 255],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("is the command's: %s", async (line, code) => {
    const start = await preparePlainStart();
    expect(await start.start([line])).toMatchObject({ code });
  });

  test("is 127 for an empty command and for one that is not there, with its name", async () => {
    const start = await preparePlainStart();
    expect(await start.start([""])).toMatchObject({ code: 127, stdout: "" });
    expect(await start.start(["no-such-command"])).toMatchObject({ code: 127 });
    const several = await start.start(["no-such\ncommand", "x"]);
    expect(several.code).toBe(127);
    expect(several.stderr).toContain("$'no-such\\ncommand' is no command on PATH");
  });

  test("is 126 for a file that cannot be executed and for a folder", async () => {
    const start = await preparePlainStart();
    const file = join(start.home, "plain.txt");
    const folder = join(start.home, "folder");
    await writeFile(file, "text");
    await mkdir(folder);
    expect(await start.start([file, "x"])).toMatchObject({ code: 126 });
    expect(await start.start([folder, "x"])).toMatchObject({ code: 126 });
  });
});

describe("signals", () => {
  test("reach the command, whose own exit code is the container's", async () => {
    const start = await preparePlainStart();
    const started = start.launch([
      'trap "echo got it; exit 9" TERM; echo ready; while :; do read -t 1 <> <(:); done',
    ]);
    await started.wrote("stdout", "ready");
    started.child.kill("SIGTERM");
    expect(await started.ended).toMatchObject({ code: 9, stdout: "ready\ngot it\n" });
  });

  test("that are not caught end the command with 128 + n", async () => {
    const start = await preparePlainStart();
    const started = start.launch(["sh", "-c", "echo ready; exec sleep 60"]);
    await started.wrote("stdout", "ready");
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 130 });
  });

  test("of every kind reach the command once each, and the start-up scripts survive them", async () => {
    const start = await preparePlainStart();
    // Not with `read -t` from a process substitution: bash itself may hang in that, when traps come fast.
    const heard = ["HUP", "USR1", "USR2", "WINCH"].map((name) => `trap "echo ${name}" ${name}`).join("; ");
    const started = start.launch([`${heard}; trap "exit 3" INT; echo ready; while :; do sleep 0.2; done`]);
    await started.wrote("stdout", "ready");
    for (const name of ["HUP", "USR1", "WINCH", "USR2"] as const) {
      started.child.kill(`SIG${name}`);
      await started.wrote("stdout", `${name}\n`);
    }
    started.child.kill("SIGINT");
    expect(await started.ended).toMatchObject({ code: 3, stdout: "ready\nHUP\nUSR1\nWINCH\nUSR2\n" });
  });

  test("that the command sends to its own process group do not reach the start-up scripts", async () => {
    const start = await preparePlainStart();
    expect(await start.start(["trap 'exit 4' TERM; kill 0"])).toMatchObject({ code: 4 });
    expect(await start.start(["kill -KILL 0"])).toMatchObject({
      code: 137,
      stderr: expect.not.stringContaining("Killed"),
    });
  });

  test("that stop the command let it go on when it is told to", async () => {
    const start = await preparePlainStart();
    const started = start.launch(["bash", "-c", "kill -STOP $$; echo went on"]);
    const group = await stoppedGroup(Number(started.child.pid));
    process.kill(group, "SIGCONT");
    expect(await started.ended).toMatchObject({ code: 0, stdout: "went on\n" });
  });

  test("the command leads a process group, as if it had been started by tini", async () => {
    const start = await preparePlainStart();
    const { stdout } = await start.start([
      "sh",
      "-c",
      "read -r _ _ _ _ group _ </proc/$$/stat; echo $(($$ - group))",
    ]);
    expect(stdout).toBe("0\n");
  });

  test("in a desktop the command is the very process that was started", async () => {
    const start = await preparePlainStart();
    const started = start.launch(["sh", "-c", "echo $$"], { env: { WORKSTATION_KIND: "desktop" } });
    expect((await started.ended).stdout).toBe(`${started.child.pid}\n`);
  });
});

describe("the streams of a container", () => {
  test("stdin is the command's, to the last byte, whatever init.sh does", async () => {
    const start = await preparePlainStart();
    await start.writeInit('cat; read -r line; echo "init got <$line>"\n');
    const line = "printf 'one\\ntwo' | \"$1\" cat";
    const ended = await start.start(["-c", line, "bash", start.entrypoint], { script: "/bin/bash" });
    expect(ended.stdout).toBe("one\ntwo");
    expect(ended.stderr).toContain("init got <>");
  });

  test("stdout carries only what the command writes", async () => {
    const start = await preparePlainStart();
    await start.writeInit("echo from init; echo error of init >&2\n");
    const { stdout, stderr } = await start.start(["echo from the command; echo its error >&2"]);
    expect(stdout).toBe("from the command\n");
    const order = ["init.sh starts", "from init", "error of init", "init.sh ended", "its error"];
    const places = order.map((text) => stderr.indexOf(text));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });
});

/** Waits until a child of this process is stopped, and answers its pid. */
async function stoppedGroup(parent: number): Promise<number> {
  for (;;) {
    const { stdout } = spawnSync("ps", ["-o", "pid=,stat=", "--ppid", `${parent}`], { encoding: "utf8" });
    const found = /^ *(\d+) T/m.exec(stdout);
    if (found !== null) return Number(found[1]);
    await new Promise(setImmediate);
  }
}
