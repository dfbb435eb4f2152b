import type { ContainerState } from "@workstation/docker";
import { describe, expect, it } from "vitest";
import { makeSpec } from "../../testing/job-spec.ts";
import { jobLabels } from "../containers/job-objects.ts";
import { observeJob } from "./observe.ts";

const spec = makeSpec({ image: "any" });
const minute = 60_000;
const start = Date.UTC(2026, 0, 1);

function container(parts: Partial<ContainerState>): ContainerState {
  return {
    id: "c",
    name: "test-job-x",
    labels: jobLabels("test", spec, undefined),
    status: "exited",
    startedAt: start,
    finishedAt: start + 10 * minute,
    exitCode: 0,
    outOfMemory: false,
    error: "",
    ...parts,
  };
}

const never = { startedAt: undefined, finishedAt: undefined } as unknown as Partial<ContainerState>;

describe("a container as a job", () => {
  it.each([
    ["created", "held"],
    ["running", "running"],
    ["paused", "running"],
    ["restarting", "running"],
    ["removing", "ended"],
    ["exited", "ended"],
    ["dead", "ended"],
  ] as const)("that is %s is %s", (status, phase) => {
    const times = status === "created" ? never : {};
    expect(observeJob(container({ status, ...times }), {})).toMatchObject({ phase });
  });

  it("that was noted as ended before it was noted as started took no time at all", () => {
    expect(observeJob(container({ finishedAt: start - 1 }), {})).toMatchObject({
      startedAt: start,
      endedAt: start,
    });
  });

  it.each(["removing", "dead"] as const)("that was killed to be removed (%s) says so", (status) => {
    expect(observeJob(container({ status, exitCode: 137 }), {})).toMatchObject({ removed: true });
    expect(observeJob(container({ status, exitCode: 0 }), {})).toMatchObject({ removed: false });
    expect(observeJob(container({ status, exitCode: 137, outOfMemory: true }), {})).toMatchObject({
      removed: false,
    });
    expect(observeJob(container({ exitCode: 137 }), {})).toMatchObject({ removed: false });
  });

  it("that is removed before its start is none", () => {
    expect(observeJob(container({ status: "removing", ...never }), {})).toBeUndefined();
  });

  it("that an earlier release made is read without the environment in its label", () => {
    const label = JSON.stringify({ ...spec, environment: { TOKEN: "very-secret" } });
    const labels = { ...container({}).labels, "workstation.job.spec": label };
    expect(observeJob(container({ labels }), {})?.spec).toEqual(spec);
  });

  it.each(["", "{", "{}", JSON.stringify({ ...spec, uid: "0" }), JSON.stringify({ ...spec, id: "other" })])(
    "whose specification is %j is none",
    (label) => {
      const labels = { ...container({}).labels, "workstation.job.spec": label };
      expect(observeJob(container({ labels }), {})).toBeUndefined();
    },
  );
});

describe("an end that came with the engine's", () => {
  const until = start + 10 * minute + 5_000;
  const lost = (parts: Partial<ContainerState>, outage = { until }): boolean | undefined =>
    observeJob(container(parts), outage)?.nodeLost;

  it.each([137, 143, 255])("is told by code %i shortly before or after the engine's start", (exitCode) => {
    expect(lost({ exitCode })).toBe(true);
    expect(lost({ exitCode, finishedAt: until + 20_000 })).toBe(true);
  });

  it("is told long before the engine's start, when the connection broke then", () => {
    const outage = { from: start + 10 * minute + 1_000, until: start + 600 * minute };
    expect(lost({ exitCode: 137 }, outage)).toBe(true);
  });

  it("is not one that its command chose, that memory caused, or of another time", () => {
    expect(lost({ exitCode: 1 })).toBe(false);
    expect(lost({ exitCode: 139 })).toBe(false);
    expect(lost({ exitCode: 137, outOfMemory: true })).toBe(false);
    expect(lost({ exitCode: 137, finishedAt: start + 5 * minute })).toBe(false);
    expect(lost({ exitCode: 137, startedAt: until + 1_000, finishedAt: until + 2_000 })).toBe(false);
    expect(lost({ exitCode: 137, finishedAt: until + 60 * minute })).toBe(false);
    expect(observeJob(container({ exitCode: 137 }), {})?.nodeLost).toBe(false);
  });
});
