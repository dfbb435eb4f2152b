import { imageHistory, readFileSystem } from "@workstation/docker";
import { connection, imageDetails, imageUnderTest, runInImage, testRun } from "@workstation/images/test";
import { imageLabels } from "@workstation/site";
import { beforeAll, expect, test } from "vitest";
import { readEntries } from "../../tools/images/src/saved-image/read-entries.ts";

interface FileInImage {
  readonly path: string;
  readonly mode: number;
  readonly size: number;
  readonly owner: string;
}

let files: readonly FileInImage[] = [];
beforeAll(async () => {
  const image = { reference: imageUnderTest(), labels: { [imageLabels.testRun]: testRun } };
  files = await readFileSystem(await connection(), image, async (archive) => {
    const found: FileInImage[] = [];
    await readEntries(archive, async (entry) => {
      const { path, mode = 0, size, uid, gid } = entry;
      if (entry.type !== "Directory") found.push({ path, mode, size, owner: `${uid}:${gid}` });
      entry.resume();
    });
    return found;
  });
});

/** What the engine puts into every container. */
const engines = /^(\.dockerenv$|(dev|proc|sys)\/|etc\/(hostname|hosts|mtab|resolv\.conf)$)/;
const ours = () => files.filter(({ path }) => !engines.test(path));

test("there is Node, the libraries that it needs, and one program; no shell, no package manager, nothing else", () => {
  const programs = ours().filter(({ path, mode }) => (mode & 0o111) !== 0 && !/^lib(64)?\/.*\.so/.test(path));
  expect(programs.map(({ path }) => path)).toEqual(["usr/local/bin/node"]);
  const rest = ours().filter(({ path }) => !programs.some((each) => each.path === path));
  const expected =
    /^(lib(64)?\/.*\.so[.\d]*|usr\/share\/doc\/[^/]+\/copyright|var\/lib\/dpkg\/status\.d\/[^/]+)$/;
  expect(rest.map(({ path }) => path).filter((path) => !expected.test(path))).toEqual([
    "etc/nsswitch.conf",
    "etc/os-release",
    "etc/ssl/certs/ca-certificates.crt",
    "usr/local/lib/workstation/node/package.json",
    "usr/local/lib/workstation/scheduler/dist/jobman-scheduler.mjs",
    "usr/local/lib/workstation/scheduler/dist/licences.txt",
    "usr/local/lib/workstation/scheduler/dist/packed-packages.json",
    "usr/local/lib/workstation/scheduler/package.json",
  ]);
});

test("CIS 4.8: no file makes its caller another user or group; all are root's, and nobody else writes them", () => {
  expect(ours().length).toBeGreaterThan(20);
  expect(ours().filter(({ mode }) => (mode & 0o6022) !== 0)).toEqual([]);
  expect(new Set(ours().map(({ owner }) => owner))).toEqual(new Set(["0:0"]));
});

test("CIS 4.1, 4.6, 4.9: its user is not root, it promises no port, nothing was put in by ADD", async () => {
  const { user, ports } = await imageDetails();
  expect([user, ports]).toEqual(["65532:65532", []]);
  const history = await imageHistory(await connection(), imageUnderTest());
  expect(history.filter(({ createdBy }) => /^(\/bin\/sh -c #\(nop\) )?ADD /.test(createdBy))).toEqual([]);
});

test("CIS 4.10: no name in the image's environment or history looks like a secret", async () => {
  const { environment } = await imageDetails();
  const history = await imageHistory(await connection(), imageUnderTest());
  const secret = /(pass(word|wd)|secret|token|api_?key|credential)\w*["']?\s*[=:]/i;
  expect(
    [...environment, ...history.map(({ createdBy }) => createdBy)].filter((line) => secret.test(line)),
  ).toEqual([]);
});

test("neither the client of the Docker Engine nor that of clusters is in the one file", async () => {
  const look = `const text = require("node:fs").readFileSync("/usr/local/lib/workstation/scheduler/dist/jobman-scheduler.mjs", "utf8");
    console.log(text.length, ["dockerode", "docker-modem", "client-node/dist"].filter((name) => text.includes(name)).join());`;
  const { stdout, stderr } = await runInImage(["-e", look], { entrypoint: ["node"] });
  expect(stdout.trim(), stderr).toMatch(/^\d{6,7}$/);
});
