import type { DockerConnection } from "@workstation/docker";
import { containerLabels } from "@workstation/site";
import { describe, expect, it } from "vitest";
import { oneAtATime } from "../../../mutex/one-at-a-time.ts";
import { makeSpec } from "../../testing/job-spec.ts";
import { claimDevices, releaseDevice } from "./devices.ts";

/** An engine whose lists show what ran when they were asked for, and arrive when the test lets them. */
function makeSlowLists() {
  const running: string[] = [];
  const waiting: (() => void)[] = [];
  const docker = {
    modem: {},
    listContainers: () => {
      const rows = running.map((device) => ({
        Id: device,
        Labels: { [containerLabels.device]: device },
        State: "running",
      }));
      return new Promise((resolve) => waiting.push(() => resolve(rows)));
    },
  } as unknown as DockerConnection;
  return { docker, running, waiting };
}

function makeContext(docker: DockerConnection) {
  const devices = new Map([["gpu", ["GPU-a", "GPU-b"]]]);
  return { docker, instance: "test", devices, claimed: new Map<string, string>(), claiming: oneAtATime() };
}

function requestFor(id: string) {
  const resources = { cores: 1, memoryBytes: 1e9 };
  const gpu = { model: "NVIDIA A30", memoryBytes: 6e9 };
  return [{ spec: makeSpec({ id, image: "any", flavor: "gpu" }), resources, gpu }];
}

describe("a GPU", () => {
  it("is not given again when its start ended while a list was under way that does not show it", async () => {
    const { docker, running, waiting } = makeSlowLists();
    const context = makeContext(docker);
    const first = claimDevices(context, requestFor("first"));
    await expect.poll(() => waiting.length).toBe(1);
    waiting[0]?.();
    expect(await first).toEqual(new Map([["first", "GPU-a"]]));
    const second = claimDevices(context, requestFor("second"));
    await expect.poll(() => waiting.length).toBe(2);
    running.push("GPU-a");
    releaseDevice(context, "first");
    waiting[1]?.();
    expect(await second).toEqual(new Map([["second", "GPU-b"]]));
  });

  it("is not given by a later claim that was faster than an earlier one", async () => {
    const { docker, running, waiting } = makeSlowLists();
    const context = makeContext(docker);
    const slow = claimDevices(context, requestFor("slow"));
    const fast = claimDevices(context, requestFor("fast")).then((chosen) => {
      running.push(chosen.get("fast") ?? "none");
      releaseDevice(context, "fast");
      return chosen;
    });
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    for (let next = waiting.length - 1; running.length === 0; next = waiting.length - 1) {
      waiting.splice(next, 1)[0]?.();
      await new Promise(setImmediate);
    }
    for (const answer of waiting) answer();
    const given = [(await slow).get("slow"), (await fast).get("fast")];
    expect(given.toSorted()).toEqual(["GPU-a", "GPU-b"]);
  });
});
