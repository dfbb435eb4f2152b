import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import type { DockerConnection } from "@workstation/docker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DockerFixture, makeDockerFixture } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";
import { containerNames, jobLabels } from "../containers/job-objects.ts";

type Inspection = Awaited<ReturnType<ReturnType<DockerConnection["getContainer"]>["inspect"]>>;

/** Section 5 of the CIS Docker Benchmark 1.6.0: the rules that a container's settings decide. */
const rules: readonly (readonly [string, (container: Inspection) => unknown, unknown])[] = [
  ["5.3 no capability", (c) => [c.HostConfig.CapDrop, c.HostConfig.CapAdd], [["ALL"], null]],
  ["5.4 not privileged", (c) => c.HostConfig.Privileged, false],
  [
    "5.5 no folder of the system",
    (c) => c.Mounts.filter((each) => each.Type === "bind" && !each.Source.startsWith("/tmp/workstation-")),
    [],
  ],
  ["5.8 no port", (c) => [c.HostConfig.PortBindings ?? {}, c.HostConfig.PublishAllPorts], [{}, false]],
  ["5.9 and 5.29 neither the host's network nor docker0", (c) => c.HostConfig.NetworkMode, "none"],
  ["5.10 memory, swap included", (c) => [c.HostConfig.Memory, c.HostConfig.MemorySwap], [256e6, 256e6]],
  ["5.11 cores", (c) => [c.HostConfig.NanoCpus, c.HostConfig.CpuShares], [1e9, 1024]],
  ["5.12 read-only root", (c) => c.HostConfig.ReadonlyRootfs, true],
  ["5.14 no restart", (c) => c.HostConfig.RestartPolicy?.Name, "no"],
  ["5.15 own processes", (c) => c.HostConfig.PidMode, ""],
  ["5.16 own IPC", (c) => c.HostConfig.IpcMode, "private"],
  ["5.17 no device of the host", (c) => c.HostConfig.Devices ?? [], []],
  ["5.18 open files", (c) => c.HostConfig.Ulimits?.map((each) => each.Name), ["nofile"]],
  [
    "5.19 no shared mount",
    (c) => [...new Set(c.Mounts.flatMap((each) => each.Propagation || []))],
    ["rprivate"],
  ],
  ["5.20 own host name", (c) => c.HostConfig.UTSMode ?? "", ""],
  [
    "5.21 a seccomp profile, 5.25 no new privileges",
    (c) => c.HostConfig.SecurityOpt?.map((each: string) => each.slice(0, 40)),
    ["no-new-privileges", 'seccomp={"defaultAction":"SCMP_ACT_ERRNO'],
  ],
  ["5.24 the usual control group", (c) => c.HostConfig.CgroupParent ?? "", ""],
  ["5.28 processes", (c) => c.HostConfig.PidsLimit, 4096],
  ["5.30 no user namespace of the host's choice", (c) => c.HostConfig.UsernsMode ?? "", ""],
  ["5.31 no Docker socket", (c) => JSON.stringify(c.Mounts).includes("docker.sock"), false],
  ["a user that is not root", (c) => c.Config.User, "20001:20001"],
  ["no group but its user's", (c) => c.HostConfig.GroupAdd ?? [], []],
  ["/dev/shm of half the memory", (c) => c.HostConfig.ShmSize, 128e6],
  [
    "a bounded log",
    (c) => c.HostConfig.LogConfig,
    { Type: "json-file", Config: { "max-size": "100000000", "max-file": "3" } },
  ],
];

describe("a job's container", () => {
  let fixture: DockerFixture;
  let inspection: Inspection;
  beforeAll(async () => {
    fixture = await makeDockerFixture();
    const request = fixture.request({ arguments: ["true"], datasets: [] });
    await fixture.engine.create(request);
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
    inspection = await fixture.docker
      .getContainer(containerNames(fixture.instance, request.spec.id)[0])
      .inspect();
  });
  afterAll(() => fixture.dispose());

  it.each(rules)("has %s", (_name, look, wanted) => {
    expect(look(inspection)).toEqual(wanted);
  });

  it("cannot do what those rules forbid", async () => {
    const script = `
      grep -E '^(CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
      ls /sys/class/net
      touch /x 2>&1
      test -w /dev/shm && df --output=size -B1 /dev/shm | tail -1`;
    const request = fixture.request({ arguments: ["bash", "-c", script] });
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    const lines = (await readLines(log)).map((line) => line.data.replace(/\s+/g, " ").trim());
    expect(lines).toEqual([
      "CapPrm: 0000000000000000",
      "CapEff: 0000000000000000",
      "CapBnd: 0000000000000000",
      "NoNewPrivs: 1",
      "Seccomp: 2",
      "lo",
      "touch: cannot touch '/x': Read-only file system",
      "128000000",
    ]);
  });

  it("reads a dataset and the datalake, and cannot write them", async () => {
    mkdirSync(`${fixture.state}/datasets/d1`);
    writeFileSync(`${fixture.state}/datalake/blob`, "pixels\n");
    symlinkSync("/mnt/datalake/blob", `${fixture.state}/datasets/d1/link`);
    const script = "cat ~/datasets/d1/link; touch ~/datasets/d1/x /mnt/datalake/x; ls ~/datasets";
    const request = fixture.request({ arguments: ["bash", "-c", script], datasets: ["d1"] });
    await fixture.engine.create(request);
    await fixture.engine.admit([request]);
    const log = fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    const text = (await readLines(log)).map((line) => line.data).join("");
    expect(text).toMatch(/^pixels$/m);
    expect(text.match(/Read-only file system/g)).toHaveLength(2);
    expect(text).toMatch(/^d1$/m);
  });

  it.each([{ uid: 0 }, { gid: 0 }, { uid: 999 }, { gid: 999 }])(
    "is not made for an account of the system: %j",
    async (ids) => {
      const request = fixture.request({ arguments: ["true"], ...ids });
      await expect(fixture.engine.create(request)).rejects.toMatchObject({ code: "ID_NOT_ALLOWED" });
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toMatchObject({
        outcome: "failed",
        message: expect.stringMatching(/uid \d+ and gid \d+/),
      });
    },
  );

  it("is not started as root, whoever made it", async () => {
    const { spec, resources } = fixture.request({ arguments: ["true"], uid: 0, gid: 0 });
    const made = await fixture.docker.createContainer({
      name: containerNames(fixture.instance, spec.id)[0],
      Image: spec.image,
      Cmd: ["true"],
      User: "0:0",
      Labels: jobLabels(fixture.instance, spec, undefined),
    });
    expect((await fixture.engine.admit([{ spec, resources }])).get(spec.id)).toMatchObject({
      outcome: "failed",
    });
    expect((await made.inspect()).State.Status).toBe("created");
  });

  it("is refused when a folder that it should see is missing", async () => {
    const request = fixture.request({ arguments: ["true"], datasets: ["absent"] });
    await expect(fixture.engine.create(request)).rejects.toMatchObject({
      code: "MOUNT_MISSING",
      message: expect.stringContaining(`${fixture.state}/datasets/absent`),
    });
  });

  it("is refused when its image is not there", async () => {
    const request = fixture.request({ arguments: ["true"], image: "no-such-image:latest" });
    await expect(fixture.engine.create(request)).rejects.toMatchObject({
      code: "UNKNOWN_IMAGE",
      message: expect.stringContaining('"no-such-image:latest"'),
    });
  });
});
