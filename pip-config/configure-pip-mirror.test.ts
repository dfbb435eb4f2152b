import { execFileSync, spawnSync } from "node:child_process";
import { chmod, lstat, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";

const script = join(import.meta.dirname, "configure-pip-mirror");
const url = "http://mirror.example:3141/root/pypi/+simple/";
const python = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;

let root = "";
let pipConf = "";
let uvToml = "";

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pip-mirror-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  pipConf = join(root, "home/.config/pip/pip.conf");
  uvToml = join(root, "home/.config/uv/uv.toml");
});

describe("configure-pip-mirror", () => {
  test("writes the mirror into the user's own files", async () => {
    expect(configure(url)).toMatchObject({ status: 0 });
    expect(await readFile(pipConf, "utf8")).toBe(
      `[global]\nindex-url = ${url}\ntrusted-host = mirror.example\n`,
    );
    expect(await readFile(uvToml, "utf8")).toBe(
      `index-url = "${url}"\nallow-insecure-host = ["mirror.example"]\n`,
    );
  });

  test("changes nothing the second time, and says so", async () => {
    configure(url);
    const before = [
      await readFile(pipConf, "utf8"),
      await readFile(uvToml, "utf8"),
      (await stat(pipConf)).mtimeMs,
    ];
    const again = configure(url);
    expect(again.stdout.match(/already as it should be/g)).toHaveLength(2);
    expect([
      await readFile(pipConf, "utf8"),
      await readFile(uvToml, "utf8"),
      (await stat(pipConf)).mtimeMs,
    ]).toEqual(before);
  });

  test("puts the new mirror in place of the old one", async () => {
    configure(url);
    configure("https://other.example/simple/");
    const text = await readFile(pipConf, "utf8");
    expect(text.match(/index-url/g)).toHaveLength(1);
    expect(text).toContain("index-url = https://other.example/simple/\n");
    expect((await readFile(uvToml, "utf8")).match(/index-url/g)).toHaveLength(1);
  });

  test("keeps the user's other settings, comments, sections, hosts and several-line values", async () => {
    await write(
      pipConf,
      "# mine\n[global]\ntimeout = 60\nfind-links =\n    /a\n    /b\nIndex_URL: http://old/\ntrusted-host =\n  one.example\n  two.example\n\n[install]\n; why\nno-deps = yes\n",
    );
    configure(url);
    expect(await readFile(pipConf, "utf8")).toBe(
      `# mine\n[global]\nindex-url = ${url}\ntrusted-host = one.example two.example mirror.example\ntimeout = 60\nfind-links =\n    /a\n    /b\n\n[install]\n; why\nno-deps = yes\n`,
    );
  });

  test("keeps the user's other settings of uv, tables below the mirror", async () => {
    await write(
      uvToml,
      '# mine\nindex-url = "http://old/"\noffline = true\n\n[pip]\nindex-url = "http://kept/"\n',
    );
    configure(url);
    expect(await readFile(uvToml, "utf8")).toBe(
      `index-url = "${url}"\nallow-insecure-host = ["mirror.example"]\n# mine\noffline = true\n\n[pip]\nindex-url = "http://kept/"\n`,
    );
  });

  test("mends a file to which a snippet was appended twice", async () => {
    const snippet = "[global]\nindex-url=http://old/\ntrusted-host=old\ntimeout=1\n";
    await write(pipConf, `${snippet}[global]\r\n${snippet.replace("timeout=1", "timeout=2")}`);
    configure(url);
    expect(await readFile(pipConf, "utf8")).toBe(
      `[global]\nindex-url = ${url}\ntrusted-host = old mirror.example\ntimeout=2\n`,
    );
  });

  test("mends settings that stand before any section", async () => {
    await write(pipConf, "# top\nindex-url=http://old/\ntimeout=1\n");
    configure(url);
    expect(await readFile(pipConf, "utf8")).toBe(
      `# top\n[global]\nindex-url = ${url}\ntrusted-host = mirror.example\ntimeout=1\n`,
    );
  });

  test("leaves a file that pip itself reads", async ({ skip }) => {
    skip(!python, "needs python3 with pip");
    const snippet = `[global]\nindex-url=http://old/\ntrusted-host=old\n[list]\nformat=json\n`;
    await write(pipConf, snippet + snippet);
    configure(url);
    configure(url);
    const env = { PATH: process.env.PATH, HOME: join(root, "home") };
    const listed = execFileSync("python3", ["-m", "pip", "config", "list"], { env, encoding: "utf8" });
    expect(listed).toContain(`global.index-url='${url}'\n`);
    expect(listed).toContain("global.trusted-host='old mirror.example'\n");
    expect(listed).toContain("list.format='json'\n");
  });

  test("with --system writes below /etc, readable for all", async () => {
    expect(configure("--system", url)).toMatchObject({ status: 0 });
    expect(await readFile(join(root, "etc/pip.conf"), "utf8")).toContain(`index-url = ${url}`);
    expect((await stat(join(root, "etc/pip.conf"))).mode & 0o777).toBe(0o644);
    expect((await stat(join(root, "etc/uv/uv.toml"))).mode & 0o777).toBe(0o644);
  });

  test("with --dry-run shows the text and writes nothing", async () => {
    const { stdout, status } = configure("--dry-run", url);
    expect(status).toBe(0);
    expect(stdout).toContain(`index-url = ${url}`);
    await expect(stat(join(root, "home"))).rejects.toThrow("ENOENT");
  });

  test("without arguments takes the mirror that the image knows", async () => {
    await write(
      join(root, "etc/workstation/mirror.env"),
      `# made\nindex_url=${url}\ntrusted_host=known.example\n`,
    );
    configure();
    expect(await readFile(pipConf, "utf8")).toBe(
      `[global]\nindex-url = ${url}\ntrusted-host = known.example\n`,
    );
  });

  test("trusts no host of an https mirror unless told to", async () => {
    configure("https://mirror.example/simple/");
    expect(await readFile(pipConf, "utf8")).not.toContain("trusted-host");
    configure("https://mirror.example/simple/", "mirror.example");
    expect(await readFile(pipConf, "utf8")).toContain("trusted-host = mirror.example\n");
  });

  test("never shows a password", () => {
    const secret = "http://user:pass-word@mirror.example/simple/";
    for (const option of ["--dry-run", "--"]) {
      const { stdout, stderr } = configure(option, secret);
      expect(stdout + stderr).not.toContain("pass-word");
      expect(stdout).toContain("mirror.example");
    }
  });

  test("keeps the mode of a file, and a link a link", async () => {
    const real = join(root, "real.conf");
    await write(real, "");
    await chmod(real, 0o640);
    await mkdir(dirname(pipConf), { recursive: true });
    await symlink(real, pipConf);
    configure(url);
    expect((await lstat(pipConf)).isSymbolicLink()).toBe(true);
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect(await readFile(real, "utf8")).toContain(url);
  });

  test.each([
    ["", "not an http or https URL"],
    ["ftp://mirror.example/", "not an http or https URL"],
    ["http://", "not an http or https URL"],
    ["http:///simple", "no host in the URL"],
    ["http://user@/simple", "no host in the URL"],
    ["http://a b/", "not an index URL"],
    ["http://a\n[global]/", "not an index URL"],
    ['http://a"b/', "not an index URL"],
    ["http://$(id)/", "not a host name"],
  ])("refuses an index URL that is none: %j", async (bad, message) => {
    const { status, stderr } = configure(bad);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    await expect(stat(join(root, "home"))).rejects.toThrow("ENOENT");
  });

  test.each([
    [["--no-such"], "unknown option: --no-such"],
    [[url, "a b"], "not a host name: a b"],
    [[url, "host", "more"], "too many arguments: more"],
    [[], "this image knows no mirror"],
  ])("refuses arguments of no sense: %j", (args, message) => {
    const { status, stderr } = configure(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test("says which file cannot be written", async () => {
    await write(join(root, "home/.config"), "a file where a folder belongs");
    const { status, stderr } = configure(url);
    expect(status).toBe(1);
    expect(stderr).toContain(`${pipConf} cannot be written`);
  });

  test("leaves the files alone where awk does not work", async () => {
    await write(pipConf, "[global]\ntimeout = 1\n");
    await write(join(root, "bin/awk"), "#!/bin/sh\nexit 127\n");
    await chmod(join(root, "bin/awk"), 0o755);
    const { status, stderr } = configureWith({ PATH: `${join(root, "bin")}:${process.env.PATH}` }, url);
    expect(status).toBe(1);
    expect(stderr).toContain("is left as it is");
    expect(await readFile(pipConf, "utf8")).toBe("[global]\ntimeout = 1\n");
  });

  test("refuses a folder in a file's place", async () => {
    await mkdir(pipConf, { recursive: true });
    expect(configure(url)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`${pipConf} cannot be read`),
    });
  });

  test("prints its usage", () => {
    expect(configure("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("usage:") });
  });
});

function configure(...args: string[]) {
  return configureWith({}, ...args);
}

function configureWith(more: Readonly<Record<string, string>>, ...args: string[]) {
  const env = {
    PATH: process.env.PATH,
    HOME: join(root, "home"),
    CONFIGURE_PIP_MIRROR_ROOT: root,
    ...more,
  };
  return spawnSync("/bin/sh", [script, ...args], { env, encoding: "utf8", timeout: 20_000 });
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
