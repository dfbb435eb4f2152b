import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hindrances } from "../hindrances.ts";
import { giveToUser, type PlainStart, preparePlainStart, type StartOptions } from "../plain-start.ts";

const rows = Object.entries(hindrances).map(([name, { make }]) => [name, make] as const);
/** What hangs is ended by `timeout`, whose code is 124. */
const patienceSeconds = 15;

/** The private folder of a desktop that runs, with these files of one line. */
async function runningDesktop(files: Readonly<Record<string, string>>) {
  const start = await preparePlainStart();
  const folder = join(start.run, "desktop");
  await mkdir(folder, { mode: 0o700 });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), `${text}\n`);
    await giveToUser(join(folder, name));
  }
  await giveToUser(folder);
  return { start, folder };
}

function command(start: PlainStart, name: string, options: StartOptions = {}) {
  const file = join(start.root, "usr/local/bin", name);
  const PATH = `${join(start.root, "usr/local/bin")}:${process.env.PATH}`;
  const env = { PATH, ...options.env };
  return start.start([`${patienceSeconds}`, file], { script: "/usr/bin/timeout", ...options, env });
}

describe.each(rows)("%s in the place of", (_, make) => {
  test("session.pid: health says that the session is not running", async () => {
    const { start, folder } = await runningDesktop({ "desktop.pid": "1" });
    make(join(folder, "session.pid"));
    const { stdout, code } = await command(start, "workstation-health");
    expect(stdout).toContain("the session is not running");
    expect(code).toBe(1);
  });

  test("init.json: health does not know how init.sh went, and says no more of it", async () => {
    const { start } = await runningDesktop({ "desktop.pid": "1" });
    make(join(start.run, "init.json"));
    const { stdout, code } = await command(start, "workstation-init-status");
    expect(stdout).toMatch(/^unknown: /);
    expect(code).toBe(4);
    expect((await command(start, "workstation-health")).stdout).not.toContain("init.sh");
  });

  test("a password: the other one is shown, and why this one is not", async () => {
    const files = { "desktop.pid": "1", "passwords-made": "", "ssh-password": "long" };
    const { start, folder } = await runningDesktop(files);
    make(join(folder, "vnc-password"));
    const { stdout, stderr, code } = await command(start, "workstation-passwords");
    expect(stdout).toBe("SSH long\n");
    expect(stderr).toMatch(/the password of VNC is not shown \(it is .*\): something replaced it/);
    expect(code).toBe(0);
  });

  test("desktop.pid: stop-desktop says that it cannot tell which process the desktop is", async () => {
    const { start, folder } = await runningDesktop({});
    make(join(folder, "desktop.pid"));
    const { stderr, code } = await command(start, "stop-desktop");
    expect(stderr).toMatch(/does not say which process the desktop is|no desktop runs here/);
    expect(code).toBe(1);
  });

  test("a part's own note: the part is noted nevertheless", async () => {
    const { start, folder } = await runningDesktop({});
    make(join(folder, "xvnc.pid"));
    const lib = join(start.root, "usr/local/lib/workstation/desktop");
    const line = `folder=$1; . ${lib}/../small-file.sh; . ${lib}/part-id.sh; note_part xvnc; [ "$(part_id xvnc)" = $$ ] && echo noted`;
    const script = "/usr/bin/timeout";
    const { stdout } = await start.start([`${patienceSeconds}`, "bash", "-c", line, "bash", folder], {
      script,
    });
    expect(stdout).toBe("noted\n");
  });

  test("the settings of poetry: a start goes on", async () => {
    const start = await preparePlainStart();
    const folder = join(start.home, ".config/pypoetry");
    await mkdir(folder, { recursive: true });
    make(join(folder, "config.toml"));
    await mkdir(join(start.root, "etc/workstation"), { recursive: true });
    await writeFile(join(start.root, "etc/workstation/mirror.env"), "index_url=https://mirror/simple\n");
    const args = [`${patienceSeconds}`, start.entrypoint, "printenv", "POETRY_PYPI_MIRROR_URL"];
    const { stdout } = await start.start(args, { script: "/usr/bin/timeout" });
    expect(stdout).toBe("https://mirror/simple\n");
  });

  test("what init.sh hands on, before it has run: it runs, and hands on", async () => {
    const start = await preparePlainStart();
    make(join(start.run, "env"));
    await giveToUser(start.run);
    await start.writeInit('echo WORD=passed >>"$WORKSTATION_ENV"\n');
    const args = [`${patienceSeconds}`, start.entrypoint, "printenv", "WORD"];
    expect((await start.start(args, { script: "/usr/bin/timeout" })).stdout).toBe("passed\n");
  });
});

test("a link to a large file hands nothing on", async () => {
  const start = await preparePlainStart();
  await writeFile(join(start.run, "large"), `WORD=${"x".repeat(600_000)}\n`);
  await start.writeInit('ln -sf large "$WORKSTATION_ENV"\n');
  const { stdout, stderr } = await start.start(["printenv", "WORD"]);
  expect(stdout).toBe("");
  expect(stderr).toContain("nothing handed on by init.sh is taken: more than 524288 bytes");
});

test("a FIFO where the reason of an end is written does not keep the desktop from ending", async () => {
  const { start, folder } = await runningDesktop({ "session.log": "last word" });
  hindrances["a FIFO"]?.make(join(folder, "failure"));
  const payload = "processname:session groupname:desktop";
  const event = `eventname:PROCESS_STATE_EXITED len:${payload.length}\n${payload}`;
  await writeFile(join(start.run, "events"), event.repeat(5));
  const watch = join(start.root, "usr/local/lib/workstation/desktop/watch");
  const line = `trap 'echo told to end' TERM; ${watch} <${join(start.run, "events")} >/dev/null; exit 0`;
  const ended = await start.start([`${patienceSeconds}`, "bash", "-c", line], {
    script: "/usr/bin/timeout",
    env: { WORKSTATION_DESKTOP: folder },
  });
  expect(ended.stderr).toContain("last word");
  expect(ended.stdout).toBe("told to end\n");
  expect(await readFile(join(folder, "failure"), "utf8")).toContain("session ended 5 times");
});
