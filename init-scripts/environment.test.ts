import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { giveToUser, isRoot, type PlainStart, preparePlainStart, type StartOptions } from "./plain-start.ts";

const threadVariables = [
  "OMP_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "MKL_NUM_THREADS",
  "BLIS_NUM_THREADS",
  "NUMEXPR_NUM_THREADS",
  "NUMBA_NUM_THREADS",
  "TF_NUM_INTRAOP_THREADS",
  "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
];

describe("the environment of a command", () => {
  test("limits every thread pool to the slot's cores", async () => {
    const seen = await environmentOf(await preparePlainStart(), { env: { WORKSTATION_CORES: "4" } });
    expect(threadVariables.map((name) => seen[name])).toEqual(threadVariables.map(() => "4"));
  });

  test("keeps what the caller set", async () => {
    const start = await preparePlainStart();
    const own = { OMP_NUM_THREADS: "1", PYTHONUNBUFFERED: "", TMPDIR: start.home, XDG_CACHE_HOME: "/mine" };
    expect(await environmentOf(start, { env: { WORKSTATION_CORES: "4", ...own } })).toMatchObject(own);
  });

  test.each(["0", "-2", "four", "2.5", "1;id"])("has no limit from cores of no sense: %s", async (cores) => {
    const start = await preparePlainStart();
    const seen = await environmentOf(start, { env: { WORKSTATION_CORES: cores } });
    expect(seen.OMP_NUM_THREADS).toBeUndefined();
    expect((await start.start(["true"], { env: { WORKSTATION_CORES: cores } })).stderr).toContain(
      "is ignored",
    );
  });

  test("shows Python's output at once and finds programs of pip install --user", async () => {
    const start = await preparePlainStart();
    const seen = await environmentOf(start);
    expect(seen.PYTHONUNBUFFERED).toBe("1");
    expect(seen.PATH?.split(":")[0]).toBe(join(start.home, ".local/bin"));
  });

  test("has caches in a private folder off the persistent home", async () => {
    const start = await preparePlainStart();
    const seen = await environmentOf(start);
    const cache = seen.XDG_CACHE_HOME ?? "";
    expect(cache.startsWith(`${start.run}/`)).toBe(true);
    expect((await stat(cache)).mode & 0o777).toBe(0o700);
    expect(seen.NUMBA_CACHE_DIR).toBe(`${cache}/numba`);
  });

  test("does not use a cache folder that is another uid's", async ({ skip }) => {
    skip(!isRoot, "needs root to have two uids");
    const start = await preparePlainStart();
    await mkdir(join(start.run, `cache-${(await stat(start.home)).uid}`));
    await chmod(join(start.run, `cache-${(await stat(start.home)).uid}`), 0o777);
    expect((await environmentOf(start)).XDG_CACHE_HOME).toBe(join(start.home, ".cache"));
  });

  test("does not use a cache folder that is a link", async () => {
    const start = await preparePlainStart();
    const uid = (await stat(start.home)).uid;
    await symlink(start.persistentHome, join(start.run, `cache-${uid}`));
    expect((await environmentOf(start)).XDG_CACHE_HOME).toBe(join(start.home, ".cache"));
  });

  test("passes on what the caller gave, also names that no shell allows", async () => {
    const odd = { "my.variable": "1", "a-b": "2", EMPTY: "", LINES2: "x\ny" };
    expect(await environmentOf(await preparePlainStart(), { env: odd })).toMatchObject(odd);
  });

  test("is not opened to code of the caller's before the command runs", async () => {
    const start = await preparePlainStart();
    const script = join(start.root, "hostile.sh");
    await writeFile(script, "echo hostile\n");
    const env = { BASH_ENV: script, ENV: script, "BASH_FUNC_main%%": "() { echo hostile; }" };
    expect(await start.start(["printenv", "HOME"], { env })).toMatchObject({ stdout: `${start.home}\n` });
  });
});

describe("poetry's mirror", () => {
  const mirror = "http://mirror.example/a=b/+simple/";

  test("is the one that the image knows", async () => {
    const start = await imageWith("mirror.env", `# made\nindex_url=${mirror}\ntrusted_host=mirror.example\n`);
    expect((await environmentOf(start)).POETRY_PYPI_MIRROR_URL).toBe(mirror);
  });

  test("is the caller's when the caller set one, also an empty one", async () => {
    const start = await imageWith("mirror.env", `index_url=${mirror}\n`);
    for (const POETRY_PYPI_MIRROR_URL of ["http://own/", ""]) {
      expect(await environmentOf(start, { env: { POETRY_PYPI_MIRROR_URL } })).toMatchObject({
        POETRY_PYPI_MIRROR_URL,
      });
    }
  });

  test("is left to the user's own configuration where that names one", async () => {
    const start = await imageWith("mirror.env", `index_url=${mirror}\n`);
    const folder = join(start.home, ".config/pypoetry");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "config.toml"), '[plugins.pypi_mirror]\nurl = "http://own/"\n');
    expect((await environmentOf(start)).POETRY_PYPI_MIRROR_URL).toBeUndefined();
  });
});

describe("the user of a container", () => {
  test("is named after the home unless told otherwise", async () => {
    const start = await preparePlainStart();
    expect(await environmentOf(start)).toMatchObject({ USER: "home", LOGNAME: "home" });
    const env = { WORKSTATION_USER: "chaimeleon" };
    expect(await environmentOf(start, { env })).toMatchObject({ USER: "chaimeleon", LOGNAME: "chaimeleon" });
  });

  test("has the name that the image knows", async () => {
    const start = await imageWith("user", "researcher\n");
    expect(await environmentOf(start)).toMatchObject({ USER: "researcher", LOGNAME: "researcher" });
  });

  test("has the home of its name where the engine gave it the root folder", async () => {
    const env = { HOME: "/", WORKSTATION_USER: "no-such-user" };
    expect(await environmentOf(await preparePlainStart(), { env })).toMatchObject({
      HOME: "/home/no-such-user",
    });
  });

  test("keeps its name under a uid without passwd entry", async ({ skip }) => {
    skip(!isRoot, "needs root to change uid");
    const start = await preparePlainStart();
    await chmod(start.home, 0o777);
    const options = { uid: 54321, env: { WORKSTATION_USER: "chaimeleon" } };
    expect(await start.start(["echo", "ran"], options)).toMatchObject({ stdout: "ran\n", code: 0 });
    const folder = join(start.run, "extrausers");
    expect(await readFile(join(folder, "passwd"), "utf8")).toBe(
      `chaimeleon:x:54321:54321::${start.home}:/bin/bash\n`,
    );
    expect(await readFile(join(folder, "group"), "utf8")).toBe("chaimeleon:x:54321:\n");
    expect((await stat(join(folder, "passwd"))).mode & 0o777).toBe(0o644);
    expect(await readdir(folder)).toEqual(["group", "passwd", "shadow"]);
  });

  test("needs no entry when it has a name", async () => {
    const start = await preparePlainStart();
    const uid = isRoot ? 0 : Number(process.getuid?.());
    await start.start(["true"], { uid });
    expect(await readdir(start.run)).not.toContain("extrausers");
  });
});

describe("the home of a container", () => {
  test("gets the promised folders when it is an empty volume", async () => {
    const start = await preparePlainStart();
    await rm(start.persistentHome, { recursive: true });
    await start.start(["true"]);
    expect(await readdir(start.home)).toEqual(
      expect.arrayContaining(["datasets", "persistent-home", "persistent-shared-folder"]),
    );
  });

  test("gets the application examples from the image where it has none, and keeps its own", async () => {
    const start = await preparePlainStart();
    const shipped = join(start.root, "usr/local/share/workstation/application-examples");
    await mkdir(shipped);
    await writeFile(join(shipped, "example.py"), "1\n");
    await mkdir(join(start.home, "application-examples"));
    await giveToUser(join(start.home, "application-examples"));
    await start.start(["true"]);
    const own = join(start.home, "application-examples/example.py");
    expect(await readFile(own, "utf8")).toBe("1\n");
    await writeFile(own, "2\n");
    await start.start(["true"]);
    expect(await readFile(own, "utf8")).toBe("2\n");
  });

  test("may be read-only or missing: the command runs", async () => {
    const start = await preparePlainStart();
    await chmod(start.home, 0o555);
    expect(await start.start(["echo", "ran"])).toMatchObject({ stdout: "ran\n", code: 0 });
    const env = { HOME: "/proc/no/home" };
    expect(await start.start(["echo", "ran"], { env })).toMatchObject({ stdout: "ran\n", code: 0 });
  });
});

describe("the run folder", () => {
  test("is private and elsewhere when the given one cannot be written", async () => {
    const start = await preparePlainStart();
    await chmod(start.run, 0o555);
    await expectPrivateFolder(start, {});
  });

  test("is another one when it holds the status of another uid", async ({ skip }) => {
    skip(!isRoot, "needs root to have two uids");
    const start = await preparePlainStart();
    await writeFile(join(start.run, "init.json"), "{}");
    await expectPrivateFolder(start, {});
  });

  test("is yet another one when somebody else was quicker to make the private one", async ({ skip }) => {
    skip(!isRoot, "needs root to have two uids");
    const start = await preparePlainStart();
    const uid = (await stat(start.home)).uid;
    const env = { WORKSTATION_RUN: "/proc" };
    await symlink("/etc", join(start.run, `workstation-start-${uid}`));
    await expectPrivateFolder(start, env);
  });
});

/** Looks for it in TMPDIR, a folder of the test's own. */
async function expectPrivateFolder(
  start: PlainStart,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  const TMPDIR = given.WORKSTATION_RUN === undefined ? join(start.root, "tmp") : start.run;
  await mkdir(TMPDIR, { recursive: true });
  await giveToUser(TMPDIR);
  const env = { ...given, TMPDIR };
  const folder = (await environmentOf(start, { env })).WORKSTATION_RUN ?? "";
  expect(dirname(folder)).toBe(TMPDIR);
  expect((await lstat(folder)).mode & 0o7777).toBe(0o700);
  expect(await readdir(folder)).toContain("init.json");
}

async function imageWith(name: string, content: string): Promise<PlainStart> {
  const start = await preparePlainStart();
  await mkdir(join(start.root, "etc/workstation"), { recursive: true });
  await writeFile(join(start.root, "etc/workstation", name), content);
  return start;
}

async function environmentOf(start: PlainStart, options?: StartOptions): Promise<Record<string, string>> {
  const { stdout } = await start.start(["env", "-0"], options);
  const pairs = stdout.split("\0").slice(0, -1);
  return Object.fromEntries(pairs.map((pair) => [pair.split("=", 1)[0], pair.slice(pair.indexOf("=") + 1)]));
}
