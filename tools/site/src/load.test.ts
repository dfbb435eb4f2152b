import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeError, UserError } from "@workstation/cli";
import { afterAll, expect, test } from "vitest";
import { loadSite, parseSite } from "./load.ts";

const text = readFileSync(fileURLToPath(new URL("../../../site.yaml", import.meta.url)), "utf8");
const folder = mkdtempSync(join(tmpdir(), "workstation-site-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** One fault a row: what is replaced by what, and what the refusal says after the file and the line. */
const faults: readonly (readonly [string, string, string, string])[] = [
  ["a mirror's password", "http://py-repo", "http://ana:secret@py-repo", "mirrors.pypi.indexUrl is "],
  ["a mirror's user", "http://py-repo", "http://token@py-repo", "without a user name or password"],
  ["a second line in a URL", "indexUrl: http://py", 'indexUrl: "http://a/\\nextra = b" #', "without blanks"],
  ["a snapshot's password", "aptSnapshot: null", "aptSnapshot: https://a:b@snap.org", "base.aptSnapshot is "],
  ["an unknown scheme", "indexUrl: http:", "indexUrl: file:", "must be an http or https URL"],
  ["a pool for one user", "10.213.0.0/16", "10.213.0.0/30", "at least four users: /27 or larger"],
  ["every address as the pool", "10.213.0.0/16", "0.0.0.0/0", "must be private addresses"],
  ["somebody else's addresses", "10.213.0.0/16", "8.8.0.0/16", "must be private addresses"],
  ["a pool beyond the private part", "10.213.0.0/16", "172.0.0.0/8", "must be private addresses"],
  ["a pool that starts in the middle", "10.213.0.0/16", "10.213.0.5/16", "write 10.213.0.0/16"],
  ["a pool that is none", "10.213.0.0/16", "10.213", "such as 10.213.0.0/16"],
  ["a misspelt family", "[family]", "[famly]", '"famly": did you mean family?'],
  ["an allowed image that is no reference", "[family]", '["a b"]', "must be family or an image reference"],
  ["an allowed image twice", "[family]", "[family, family]", "images.allowed.1"],
  ["no allowed image", "[family]", "[]", "must name at least one"],
  ["a default image that is none", "ubuntu-python:latest", '"Ubuntu Python"', "must be an image reference"],
  ["no default flavor", "flavor: no-gpu", "flavor: huge", "small-gpu, medium-gpu, large-gpu or no-gpu"],
  ["a desktop as the default", "flavor: no-gpu", "flavor: desktop", "must be a job flavor"],
  [
    "a command as a host",
    "services: []",
    'services: [{ host: "10.0.0.5; rm -rf /", port: 1 }]',
    "a host name",
  ],
  ["an address beyond 255", "services: []", "services: [{ host: 10.0.0.256, port: 1 }]", "a host name"],
  ["a port of 0", "services: []", "services: [{ host: db, port: 0 }]", "from 1 to 65535"],
  [
    "a service twice",
    "services: []",
    "services: [{ host: db, port: 1 }, { host: db, port: 1 }]",
    "network.services.1",
  ],
  ["the memory of no machine", "memory: 32GB", "memory: 99999999999999TB", "at most 100 TB"],
  ["memory that is nothing", "memory: 32GB", "memory: 0GB", "at least 16 MB"],
  ["memory without a unit", "memory: 32GB", "memory: 32", "is 32: write a unit: 32GB"],
  ["a duration without a unit", "stopGrace: 30s", "stopGrace: 30", "is 30: write a unit: 30s"],
  ["a unit that is none", "memory: 32GB", "memory: 32 gigs", 'is "32 gigs": write a size'],
  ["a warning before every start", "warnBefore: 10m", "warnBefore: 25h", "the longest time limit is 24 h"],
  ["a floor above the user", "lowestId: 1000", "lowestId: 2000", "at most the ids of the site's user, 1000"],
  ["a grace of months", "stopGrace: 30s", "stopGrace: 300d", "at most 1 h"],
  ["an init.sh of months", "initTimeout: 10m", "initTimeout: 90d", "at most 24 h"],
  ["jobs kept for ever", "endedJobs: 7d", "endedJobs: 999999d", "at most 3650 days"],
  ["a time limit of years", "timeLimit: 8h", "timeLimit: 4000d", "at most 365 days"],
  ["bursts below the cores", "burstCores: 2", "burstCores: 0.5", "must be at least cores, 1"],
  ["cores as a word", "cores: 4,", "cores: four,", "must be a number of cores"],
  ["a count as a word", "slots: 8", "slots: many", "must be a whole number from 0 to 100000, such as 8"],
  ["a choice that is none", "initPolicy: continue", "initPolicy: stop", "must be continue or fail"],
  ["a switch that is none", "strictFlavors: false", "strictFlavors: off-ish", "must be true or false"],
  ["a list that is none", "[family]", "family", "must be a list"],
  ["a missing key", "  stopGrace: 30s", "", "limits.stopGrace is missing: write a duration"],
  ["a missing section", "defaults:", "default_:", "defaults is missing: it holds image and flavor"],
  ["a host that is none", "host: null", 'host: "reg istry"', "registry.host is"],
  ["a misspelt key", "maxActiveJobsPerUser", "maxActiveJobPerUser", "unknown key limits.maxActiveJobPerUser"],
  ["a negative count", "slots: 8", "slots: -8", "flavors.0.slots is -8"],
  ["a flavor twice", "name: medium-gpu", "name: small-gpu", 'flavors.1.name is "small-gpu": is there twice'],
  [
    "an unknown distribution",
    "distribution: ubuntu-22.04",
    "distribution: arch",
    "must be ubuntu-22.04 or debian-12",
  ],
  ["root as the user", "uid: 1000", "uid: 0", "user.uid is 0"],
  ["a job flavor without a time limit", ", timeLimit: 8h", "", "needs a time limit"],
  ["an invented digest", "digest: null }", 'digest: "sha256:abc" }', "64 hexadecimal digits"],
  ["a number that is none", "cores: 4,", "cores: .nan,", "flavors.0.cores is NaN: must be a number of cores"],
  ["a tag that YAML does not know", "flavor: no-gpu", "flavor: !flavor no-gpu", "Unresolved tag: !flavor"],
  ["a device twice", "memory: 6GB }", `memory: 6GB, devices: [${"GPU-1, ".repeat(8)}] }`, "is there twice"],
];

test.each(faults)(
  "%s is refused with its line, its value and what would be right",
  (_, from, to, message) => {
    expect(text).toContain(from);
    const broken = text.replace(from, to);
    const line = text.slice(0, text.indexOf(from)).split("\n").length;
    const said = refusal(() => parseSite(broken, "site.yaml"));
    expect(said).toContain(message);
    if (!message.includes("is missing")) expect(said).toContain(`site.yaml:${line}:`);
  },
);

test.each([
  ["that ends half-way", "mirrors:", "mirrors: {", /^site\.yaml:\d+: /],
  ["with a key that stands twice", "user:\n", "user:\n  name: a\n", /^site\.yaml:\d+: .*unique/i],
])("a file %s is refused with a line", (_, from, to, message) => {
  expect(refusal(() => parseSite(text.replace(from, to), "site.yaml"))).toMatch(message);
});

test("a refusal repeats no password", () => {
  const broken = text
    .replace("http://py-repo", "http://ana:hunter2@py-repo")
    .replace("null", "https://key@a.org");
  const error = failure(() => parseSite(broken, "site.yaml"));
  expect(error.message).not.toMatch(/hunter2|key@/);
  expect(describeError(error)).toContain("mirrors.pypi.indexUrl");
});

test.each(["", "\n\n", "# nothing yet\n", "---\n"])(
  "a site file without a key says so in one line: %j",
  (empty) => {
    expect(refusal(() => parseSite(empty, "site.yaml"))).toMatch(/^site\.yaml:1: the file is empty[^\n]*$/);
  },
);

test.each(["[1]", "a word", "7"])("a site file that holds no keys says so in one line: %j", (other) => {
  expect(refusal(() => parseSite(other, "site.yaml"))).toMatch(/^site\.yaml:1: must hold keys[^\n]*$/);
});

test("bytes that are no UTF-8 are refused with their line and place", () => {
  const file = join(folder, "latin1.yaml");
  writeFileSync(file, Buffer.from(text.replace("name: chaimeleon", "name: chá"), "latin1"));
  expect(refusal(() => loadSite(file))).toBe(`${file}:5: byte 11 of the line is 0xE1, which is not UTF-8`);
});

test("a UTF-8 file with a byte order mark is read", () => {
  const file = join(folder, "marked.yaml");
  writeFileSync(file, `\u{feff}${text}`);
  expect(loadSite(file).user.name).toBe("chaimeleon");
});

test("a value with two faults of one sentence is told once", () => {
  const huge = text.replace("slots: 8", "slots: 99999999999999999999");
  expect(refusal(() => parseSite(huge, "site.yaml")).split("\n")).toHaveLength(1);
});

test("each of several unknown keys is told with its own line", () => {
  const broken = text.replace("  pids:", "  pid: 1\n  files: 2\n  pids:");
  const line = text.slice(0, text.indexOf("  pids:")).split("\n").length;
  expect(refusal(() => parseSite(broken, "site.yaml"))).toMatch(
    new RegExp(
      `^site\\.yaml:${line}: unknown key limits\\.pid;.*\\n  site\\.yaml:${line + 1}: unknown key limits\\.files;`,
    ),
  );
});

test("every fault of a file is told at once", () => {
  const broken = text.replace("stopGrace: 30s", "stopGrace: 30").replace("slots: 8", "slots: -8");
  expect(refusal(() => parseSite(broken, "site.yaml")).split("\n")).toHaveLength(2);
});

test.each([
  ["a private mirror", "10.213.0.0/16", "172.16.0.0/12"],
  ["the smallest pool", "10.213.0.0/16", "192.168.4.32/27"],
  [
    "services by name and by address",
    "services: []",
    "services: [{ host: db.local, port: 1 }, { host: 10.0.0.5, port: 1 }]",
  ],
  ["an allowed image of another registry", "[family]", "[family, 'registry.example.org:5000/a/b:1.0']"],
  ["an allowed image by digest", "[family]", `['a/b@sha256:${"0".repeat(64)}']`],
  ["an image whose name is close to family, with its tag", "[family]", "['famly:latest']"],
  [
    "an index at an address and port",
    "http://py-repo-service.package-repos-proxy:3141",
    "https://[fd00::1]:3141",
  ],
])("%s is accepted", (_, from, to) => {
  expect(text).toContain(from);
  expect(() => parseSite(text.replace(from, to), "site.yaml")).not.toThrow();
});

function refusal(work: () => unknown): string {
  return failure(work).message;
}

function failure(work: () => unknown): UserError {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
