import { join } from "node:path";
import { expect, test } from "vitest";
import { loadSite } from "../load.ts";
import { containerProfile } from "./container-profile.ts";
import type { ContainerProfile } from "./profile.ts";
import type { ContainerRequest } from "./request.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const size = { cores: 2.5, memoryBytes: 4e9 };
const job: ContainerRequest = { kind: "job", size };
const desktop: ContainerRequest = { kind: "desktop", size: { ...size, burstCores: 4 } };

/** One row: what is asked for, what is looked at, and what it must be. */
const rows: readonly (readonly [string, ContainerRequest, (made: ContainerProfile) => unknown, unknown])[] = [
  ["the site's user, where no other is named", job, (made) => made.user, { uid: 1000, gid: 1000 }],
  [
    "any other user",
    { ...job, ids: { uid: 20_001, gid: 20_002 } },
    (made) => made.user,
    { uid: 20_001, gid: 20_002 },
  ],
  ["the group 0 beside a user's own uid", { ...job, ids: { uid: 5000, gid: 0 } }, (made) => made.user.gid, 0],
  [
    "a job under its name",
    { ...job, job: { name: "mine", flavor: "no-gpu", exact: false } },
    (made) => made.hostname,
    "mine",
  ],
  ["a desktop as such", desktop, (made) => made.hostname, "desktop"],
  ["its home", desktop, (made) => made.workingFolder, "/home/chaimeleon"],
  ["all that a job may use", job, (made) => [made.limits.cores, made.limits.burstCores], [2.5, 2.5]],
  ["a desktop's bursts", desktop, (made) => [made.limits.cores, made.limits.burstCores], [2.5, 4]],
  [
    "the site's limits, and half the memory as /dev/shm",
    job,
    ({ limits }) => [limits.memoryBytes, limits.sharedMemoryBytes, limits.pids, limits.openFiles],
    [4e9, 2e9, 4096, 65_536],
  ],
  [
    "no more open files than the engine has",
    { ...job, openFilesCeiling: 1000 },
    (made) => made.limits.openFiles,
    1000,
  ],
  ["nobody's data, where nobody is named", { ...job, datasets: ["a"] }, (made) => made.volumes, []],
  [
    "a job's data, and no way to the scheduler",
    { ...job, owner: "ana", datasets: ["a"] },
    (made) => made.volumes.map(({ content, readOnly }) => [content.kind, readOnly]),
    [
      ["persistent-home", false],
      ["shared-folder", false],
      ["dataset", true],
      ["datalake", true],
    ],
  ],
  [
    "a desktop's socket folder, to read",
    { ...desktop, owner: "ana" },
    (made) => made.volumes.at(-1),
    { content: { kind: "jobman-socket", user: "ana" }, target: "/run/jobman", readOnly: true },
  ],
  [
    "a home, /tmp and /var/tmp on disk, and a small run folder in memory",
    job,
    (made) => made.writable.map(({ target, on, writers }) => [target, on, writers]),
    [
      ["/home/chaimeleon", "disk", "everybody"],
      ["/tmp", "disk", "everybody"],
      ["/var/tmp", "disk", "everybody"],
      ["/run/workstation", "memory", "everybody"],
    ],
  ],
  [
    "a home of the user alone, in memory, where the image has none",
    { ...job, home: "memory" },
    (made) => made.writable[0],
    { target: "/home/chaimeleon", on: "memory", writers: "user", programs: true },
  ],
  [
    "secrets by their names alone",
    { ...desktop, secrets: ["vnc-password"] },
    (made) => made.secrets,
    { folder: "/run/secrets", names: ["vnc-password"] },
  ],
  [
    "the ports that it is called on, and the site's services",
    { ...desktop, ports: [5900] },
    (made) => made.network,
    { services: [], ports: [5900] },
  ],
];

test.each(rows)("a container has %s", (_name, request, look, wanted) => {
  expect(look(containerProfile(site, request))).toEqual(wanted);
});

test("the entrypoint is told the kind, whole cores and the site's rules", () => {
  expect(containerProfile(site, { ...desktop, owner: "ana", datasets: ["a", "b"] }).environment).toEqual({
    DATASETS_LIST: "a,b",
    HOME: "/home/chaimeleon",
    WORKSTATION_CORES: "2",
    WORKSTATION_INIT_POLICY: "continue",
    WORKSTATION_INIT_TIMEOUT: "600",
    WORKSTATION_KIND: "desktop",
    WORKSTATION_OWNER: "ana",
    WORKSTATION_USER: "chaimeleon",
  });
  expect(
    containerProfile(site, { ...job, size: { ...size, cores: 0.5 } }).environment.WORKSTATION_CORES,
  ).toBe("1");
});

test("an owner's environment is kept but for names that are ours", () => {
  const environment = {
    A: "1",
    LD_PRELOAD: "/x.so",
    WORKSTATION_EXACT: "1",
    JOB_NAME: "x",
    DATASETS_LIST: "all",
  };
  const made = containerProfile(site, {
    ...job,
    environment,
    job: { name: "mine", flavor: "no-gpu", exact: false },
  }).environment;
  expect(made).toMatchObject({ A: "1", LD_PRELOAD: "/x.so", JOB_NAME: "mine", DATASETS_LIST: "" });
  expect(made).not.toHaveProperty("WORKSTATION_EXACT");
});

test("no request makes a container of root or another account of the system", () => {
  for (const uid of [0, 1, 999]) {
    expect(() => containerProfile(site, { ...job, ids: { uid, gid: 1000 } })).toThrow(
      expect.objectContaining({ code: "ID_NOT_ALLOWED" }),
    );
  }
});

test("every container keeps to the Pod Security Standard restricted, with a root that nobody writes", () => {
  const containers = [job, desktop, { ...job, home: "memory" } as const].map((request) =>
    containerProfile(site, request),
  );
  for (const { security } of containers) {
    expect(security).toEqual({
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: [] },
      seccomp: "workstation",
      hostNamespaces: [],
    });
  }
});

test("a profile is data: it can be printed, and holds no place of a machine", () => {
  const made = containerProfile(site, {
    ...desktop,
    owner: "ana",
    datasets: ["a"],
    secrets: ["vnc-password"],
  });
  expect(JSON.parse(JSON.stringify(made))).toEqual(made);
  expect(JSON.stringify(made)).not.toMatch(/\/var\/lib|\/state/);
});
