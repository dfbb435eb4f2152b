import { join } from "node:path";
import { loadSite } from "@workstation/site";
import { describe, expect, it } from "vitest";
import { makeSpec } from "../../testing/job-spec.ts";
import { type JobSurroundings, jobSettings } from "./job-settings.ts";

const site = loadSite(join(import.meta.dirname, "../../../../../../site.yaml"));
const resources = { cores: 2.5, memoryBytes: 4e9 };
const around = {
  site,
  instance: "test",
  state: "/state",
  openFilesCeiling: Number.POSITIVE_INFINITY,
  family: true,
  connection: { network: "none", hostEntries: [] },
  environment: {},
};

function settingsOf(parts: Partial<Parameters<typeof makeSpec>[0]>, other: Partial<JobSurroundings> = {}) {
  const spec = makeSpec({ image: "ubuntu-python:latest", ...parts });
  return jobSettings(spec, resources, { ...around, ...other });
}

describe("a job's container", () => {
  it("keeps the image's entrypoint and gives it the arguments", () => {
    expect(settingsOf({ arguments: ["python", "x.py"] })).toMatchObject({ command: ["python", "x.py"] });
    expect(settingsOf({ arguments: [] })).not.toHaveProperty("command");
    expect(settingsOf({})).not.toHaveProperty("entrypoint");
  });

  it("runs arguments exactly, by the entrypoint or, in another image, instead of it", () => {
    const exact = { arguments: ["a && b"], exact: true };
    expect(settingsOf(exact)).toMatchObject({ command: ["a && b"], environment: { WORKSTATION_EXACT: "1" } });
    expect(settingsOf(exact, { family: false })).toMatchObject({ entrypoint: ["a && b"], command: [] });
  });

  it("tells programs whole cores, and the entrypoint the site's rules", () => {
    expect(settingsOf({ datasets: ["a", "b"] }).environment).toMatchObject({
      DATASETS_LIST: "a,b",
      HOME: "/home/chaimeleon",
      WORKSTATION_CORES: "2",
      WORKSTATION_INIT_POLICY: "continue",
      WORKSTATION_INIT_TIMEOUT: "600",
      WORKSTATION_KIND: "job",
      WORKSTATION_USER: "chaimeleon",
    });
  });

  it("takes the user's environment, but no name that is ours", () => {
    const environment = {
      A: "1",
      LD_PRELOAD: "/x.so",
      WORKSTATION_EXACT: "1",
      WORKSTATION_NEW: "1",
      JOB_NAME: "x",
      DATASETS_LIST: "all",
    };
    const result = settingsOf({ name: "mine" }, { environment }).environment;
    expect(result).toMatchObject({ A: "1", LD_PRELOAD: "/x.so", JOB_NAME: "mine", DATASETS_LIST: "" });
    expect(result).not.toHaveProperty("WORKSTATION_EXACT");
    expect(result).not.toHaveProperty("WORKSTATION_NEW");
  });

  it("sees its own home, the shared folder and its datasets, and nothing else of the host", () => {
    expect(settingsOf({ datasets: ["a"] }).binds).toEqual([
      {
        source: "/state/users/alice/persistent-home",
        target: "/home/chaimeleon/persistent-home",
        readOnly: false,
      },
      {
        source: "/state/persistent-shared-folder",
        target: "/home/chaimeleon/persistent-shared-folder",
        readOnly: false,
      },
      { source: "/state/datasets/a", target: "/home/chaimeleon/datasets/a", readOnly: true },
      { source: "/state/datalake", target: "/mnt/datalake", readOnly: true },
    ]);
  });

  it("has its home on disk, or in memory where the image has none", () => {
    expect(settingsOf({}).scratch).toEqual(["/home/chaimeleon", "/tmp", "/var/tmp"]);
    const foreign = settingsOf({}, { family: false });
    expect(foreign.scratch).toEqual(["/tmp", "/var/tmp"]);
    expect(foreign.memoryFolders).toContainEqual({
      target: "/home/chaimeleon",
      options: "exec,mode=0700,uid=20001,gid=20001",
    });
  });

  it("has no more open files than the engine can give", () => {
    const spec = makeSpec({ image: "x" });
    const few = jobSettings(spec, resources, { ...around, openFilesCeiling: 1000 });
    expect(few.limits).toMatchObject({
      openFiles: 1000,
      pids: 4096,
      sharedMemoryBytes: 2e9,
      logBytes: 100e6,
    });
    expect(settingsOf({}).limits.openFiles).toBe(65_536);
  });
});
