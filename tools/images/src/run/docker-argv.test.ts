import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { expect, test } from "vitest";
import { dockerRunArgv, portsBeyondLoopback } from "./docker-argv.ts";
import { type RunRequest, runSettings } from "./run-settings.ts";

const site = loadSite(join(import.meta.dirname, "../../../../site.yaml"));
const request: RunRequest = {
  image: "ubuntu-python:latest",
  command: ["echo", "a b", "$HOME"],
  user: "alice",
  datasets: ["d1"],
  flavor: "no-gpu",
  places: { state: "/state", run: "/run" },
  published: false,
  machine: { cores: 64, memoryBytes: 1e12, gpus: false, openFilesCeiling: 1000 },
};

function argv(given: Partial<RunRequest> = {}): readonly string[] {
  return dockerRunArgv(runSettings(site, { ...request, ...given }), { terminal: false, publish: [] });
}

test("the container gets the user's homes to write and the datasets to read", () => {
  expect(argv()).toEqual(
    expect.arrayContaining([
      "type=bind,source=/state/users/alice/persistent-home,destination=/home/chaimeleon/persistent-home",
      "type=bind,source=/state/datasets/d1,destination=/home/chaimeleon/datasets/d1,readonly",
      "type=bind,source=/state/datalake,destination=/mnt/datalake,readonly",
    ]),
  );
});

test("the container is as restricted as the site's own", () => {
  const line = argv().join(" ");
  for (const option of [
    "--cap-drop ALL",
    "--security-opt no-new-privileges",
    "--read-only",
    "--network none",
    "--user 1000:1000",
    "--pids-limit 4096",
    "--memory 64000000000 --memory-swap 64000000000",
    "--ulimit nofile=1000:1000",
  ]) {
    expect(line).toContain(option);
  }
});

test("a small machine gives what the queue would give there", () => {
  const line = argv({ machine: { ...request.machine, cores: 2, memoryBytes: 30e9, gpus: false } }).join(" ");
  for (const option of [
    "--cpus 2",
    "--memory 6000000000 --memory-swap 6000000000",
    "--shm-size 3000000000",
    "--env WORKSTATION_CORES=2",
  ]) {
    expect(line).toContain(option);
  }
});

test("where there may be GPUs, their flavors' slots have their part of the memory", () => {
  const line = argv({ machine: { ...request.machine, cores: 64, memoryBytes: 105e9, gpus: true } }).join(" ");
  expect(line).toContain("--memory 4000000000"); // 0.8 of 105 GB for 8 + 4 + 5 + 4 slots
});

test("a desktop takes at most four fifths of the memory, and bursts to the machine's cores at most", () => {
  const line = argv({
    flavor: "desktop",
    machine: { ...request.machine, cores: 1, memoryBytes: 5e9, gpus: true },
  }).join(" ");
  expect(line).toContain("--cpus 1 --memory 4000000000");
});

test("the command arrives word for word", () => {
  expect(argv().slice(-4)).toEqual(["ubuntu-python:latest", "echo", "a b", "$HOME"]);
});

test("a dataset id that would leave its folder is refused", () => {
  expect(() => argv({ datasets: ["../etc"] })).toThrow('"../etc" is not a dataset id');
});

test("an unknown flavor is refused, with those that there are", () => {
  expect(() => argv({ flavor: "huge" })).toThrow('no flavor "huge"');
});

test("only ports on loopback are kept on this machine", () => {
  expect(
    portsBeyondLoopback(["5900:5900", "127.0.0.1:1:1", "[::1]:2:2", "0.0.0.0:3:3", "localhost:4:4", "22"]),
  ).toEqual(["5900:5900", "0.0.0.0:3:3", "22"]);
});
