import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { clampSentence, flavorNamed, usualFlavor } from "./flavor-size.ts";
import { type RunRequest, runSettings } from "./run-settings.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const alice = { name: "alice", ids: { uid: 20_001, gid: 20_001 }, granted: ["d1"] };
const request: RunRequest = {
  image: "ubuntu-python:latest",
  command: ["echo", "a b", "$HOME"],
  user: alice,
  datasets: ["d1"],
  flavor: "no-gpu",
  kind: "job",
  home: "image",
  places: { state: "/state", run: "/run/ws" },
  socketFolder: true,
  ports: [],
  secrets: [],
  machine: { cores: 64, memoryBytes: 1e12, gpus: false, openFilesCeiling: 1000 },
};
const vnc = { address: "127.0.0.1", hostPort: 0, containerPort: 5900 };
const desktop: Partial<RunRequest> = { kind: "desktop", flavor: "desktop", command: [], ports: [vnc] };

function settings(given: Partial<RunRequest> = {}) {
  return runSettings(site, { ...request, ...given });
}

test("the container is its user's: uid, homes to write and datasets to read", () => {
  expect(settings()).toMatchObject({ uid: 20_001, gid: 20_001 });
  expect(settings().binds).toEqual(
    expect.arrayContaining([
      {
        source: "/state/users/alice/persistent-home",
        target: "/home/chaimeleon/persistent-home",
        readOnly: false,
      },
      { source: "/state/datasets/d1", target: "/home/chaimeleon/datasets/d1", readOnly: true },
      { source: "/state/datalake", target: "/mnt/datalake", readOnly: true },
    ]),
  );
});

test("nobody's container has the site's user and none of these", () => {
  expect(settings({ user: undefined, datasets: [] })).toMatchObject({ uid: 1000, gid: 1000, binds: [] });
});

test("a desktop gets the folder of its user's socket to read, where there is one; a job never", () => {
  const socket = { source: "/run/ws/users/alice", target: "/run/jobman", readOnly: true };
  expect(settings(desktop).binds).toContainEqual(socket);
  expect(settings({ ...desktop, socketFolder: false }).binds).not.toContainEqual(socket);
  expect(settings().binds).not.toContainEqual(socket);
});

test("without a port there is no network, with one a network without a name service", () => {
  expect(settings()).toMatchObject({ network: "none" });
  expect(settings(desktop)).toMatchObject({
    network: "workstation-run-here",
    nameServers: ["192.0.2.53"],
    ports: [vnc],
  });
});

test("a password is named, and its folder is the container's own", () => {
  expect(settings({ ...desktop, secrets: ["vnc-password"] }).scratch).toContain("/run/secrets");
  expect(settings(desktop).scratch).not.toContain("/run/secrets");
});

test("the command arrives word for word; without one the image's own stands", () => {
  expect(settings().command).toEqual(["echo", "a b", "$HOME"]);
  expect(settings({ command: [] })).not.toHaveProperty("command");
});

test("a small machine gives what the queue would give there, and it is said", () => {
  const machine = { ...request.machine, cores: 2, memoryBytes: 30e9 };
  expect(settings({ machine }).limits).toMatchObject({
    cores: 2,
    memoryBytes: 6e9,
    sharedMemoryBytes: 3e9,
    openFiles: 1000,
  });
  expect(clampSentence(site, "no-gpu", machine)).toBe(
    "no-gpu has 2 cores instead of 8 and 6 GB memory instead of 64 GB on this machine",
  );
  expect(clampSentence(site, "no-gpu", request.machine)).toBeUndefined();
});

test("where there may be GPUs, their flavors' slots have their part of the memory", () => {
  const machine = { ...request.machine, memoryBytes: 105e9, gpus: true };
  expect(settings({ machine }).limits.memoryBytes).toBe(4e9); // 0.8 of 105 GB for 8 + 4 + 5 + 4 slots
});

test("a desktop takes at most four fifths of the memory, and bursts to the machine's cores at most", () => {
  const machine = { ...request.machine, cores: 1, memoryBytes: 5e9, gpus: true };
  expect(settings({ ...desktop, machine }).limits).toMatchObject({ cores: 1, memoryBytes: 4e9 });
});

test("a dataset id that would leave its folder is refused", () => {
  expect(() => settings({ datasets: ["../etc"] })).toThrow('"../etc" is not a dataset id');
});

test("an unknown flavor is refused, with those that there are; without one the kind decides", () => {
  expect(() => flavorNamed(site, "huge")).toThrow('no flavor "huge"');
  expect(usualFlavor(site, "job")).toBe("no-gpu");
  expect(usualFlavor(site, "desktop")).toBe("desktop");
  const jobs = site.flavors.filter((flavor) => flavor.kind === "job");
  expect(() => usualFlavor({ ...site, flavors: jobs }, "desktop")).toThrow("no flavor of kind desktop");
});
