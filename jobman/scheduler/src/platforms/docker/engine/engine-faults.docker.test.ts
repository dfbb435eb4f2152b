import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectDocker, type DockerConnection } from "@workstation/docker";
import {
  makePrivateDaemon,
  type PrivateDaemon,
  privateDaemonObstacle,
} from "@workstation/docker/private-daemon";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { CreateRequest } from "../../engine.ts";
import { type DockerFixture, makeDockerFixture, testImage } from "../../testing/docker-fixture.ts";
import { readLines } from "../../testing/output-lines.ts";
import { type Watcher, watchEngine } from "../../testing/watcher.ts";
import { containerNames } from "../containers/job-objects.ts";
import { createContext, createDockerEngine } from "../docker-engine.ts";
import { createForDevice } from "./create.ts";

const obstacle = privateDaemonObstacle();

describe.skipIf(obstacle !== undefined)(
  `faults of the engine itself ${obstacle ?? ""}`,
  { timeout: 120_000 },
  () => {
    let dockerd: PrivateDaemon;
    let fixture: DockerFixture;
    let watcher: Watcher;
    beforeAll(async () => {
      dockerd = await makePrivateDaemon();
      await dockerd.copyImage(await connectDocker(), testImage);
    });
    afterAll(() => dockerd.dispose());
    beforeEach(async () => {
      fixture = await makeDockerFixture({ docker: dockerd.docker });
      watcher = watchEngine(fixture.engine);
    });
    afterEach(async () => {
      await watcher.stop();
      await fixture.dispose();
    });

    async function hold(script: string) {
      const request = fixture.request({ arguments: ["bash", "-c", script] });
      await fixture.engine.create(request);
      return request;
    }

    async function start(script: string): Promise<string> {
      const request = await hold(script);
      expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
      await watcher.until(() => watcher.jobs.get(request.spec.id)?.startedAt);
      return request.spec.id;
    }

    it.each(["stop", "kill"] as const)(
      "a restart (%s) keeps what waits and tells which jobs it cost",
      async (how) => {
        const waiting = await hold("true");
        const running = await start("sleep 600");
        const trapping = await start("trap 'exit 143' TERM; while :; do sleep 0.1; done");
        const ended = await start("bash -c 'kill -9 $$'; exit $?");
        await watcher.phase(ended, "ended");
        const before = watcher.snapshots;
        await dockerd[how]();
        await dockerd.start();
        await watcher.until(() => watcher.snapshots > before);
        expect(await watcher.phase(running, "ended")).toMatchObject({ nodeLost: true, outOfMemory: false });
        expect(await watcher.phase(trapping, "ended")).toMatchObject({ nodeLost: true });
        expect(watcher.jobs.get(ended)).toMatchObject({ exitCode: 137, nodeLost: false });
        expect(watcher.jobs.get(waiting.spec.id)).toMatchObject({ phase: "held" });
        expect((await fixture.engine.admit([waiting])).get(waiting.spec.id)).toEqual({ outcome: "admitted" });
        expect(await watcher.phase(waiting.spec.id, "ended")).toMatchObject({ exitCode: 0, nodeLost: false });
      },
    );

    it("a prune takes what waits, and it is told", async () => {
      const waiting = await hold("true");
      await watcher.phase(waiting.spec.id, "held");
      await dockerd.docker.pruneContainers();
      await watcher.removed(waiting.spec.id);
      expect((await fixture.engine.admit([waiting])).get(waiting.spec.id)).toEqual({ outcome: "gone" });
    });

    it("says so to whoever asks while it is away", async () => {
      const request = await hold("true");
      await dockerd.stop();
      try {
        await expect(hold("true")).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
        await expect(
          fixture.engine.end(request.spec.id, { graceSeconds: 1, keep: true }),
        ).rejects.toMatchObject({
          code: "ENGINE_UNAVAILABLE",
        });
        expect((await fixture.engine.admit([request])).get(request.spec.id)).toMatchObject({
          outcome: "unknown",
        });
      } finally {
        await dockerd.start();
      }
    });
  },
);

describe.skipIf(obstacle !== undefined)(
  `an engine with live-restore ${obstacle ?? ""}`,
  { timeout: 120_000 },
  () => {
    let dockerd: PrivateDaemon;
    let machine: DockerConnection;
    beforeAll(async () => {
      machine = await connectDocker();
      dockerd = await makePrivateDaemon({ flags: ["--live-restore"] });
      await dockerd.copyImage(machine, testImage);
    });
    afterAll(() => dockerd.dispose());

    it("loses no job and no line when it is killed and comes back", async () => {
      const fixture = await makeDockerFixture({ docker: dockerd.docker });
      onTestFinished(() => fixture.dispose());
      const watcher = watchEngine(fixture.engine);
      const request = fixture.request({ arguments: ["bash", "-c", "echo one; sleep 4; echo two; exit 9"] });
      await fixture.engine.create(request);
      await fixture.engine.admit([request]);
      await watcher.phase(request.spec.id, "running");
      await dockerd.kill();
      await dockerd.start();
      expect(await watcher.phase(request.spec.id, "ended")).toMatchObject({ exitCode: 9, nodeLost: false });
      const lines = await readLines(
        fixture.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(20_000) }),
      );
      expect(lines.map((line) => line.data)).toEqual(["one\n", "two\n"]);
      await watcher.stop();
    });
  },
);

// The real hook needs a GPU. This one does nothing, so that dockerd believes in the runtime and hands devices on.
describe.skipIf(obstacle !== undefined)(`an engine with GPUs ${obstacle ?? ""}`, { timeout: 120_000 }, () => {
  const devices = new Map([["gpu", ["GPU-a", "GPU-b"]]]);
  const gpu = { model: "NVIDIA A30", memoryBytes: 6e9 };
  let dockerd: PrivateDaemon;
  let fixture: DockerFixture;
  let tools: string;
  beforeAll(async () => {
    tools = mkdtempSync(join(tmpdir(), "workstation-tools-"));
    writeFileSync(join(tools, "nvidia-container-runtime-hook"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    dockerd = await makePrivateDaemon({ tools });
    await dockerd.copyImage(await connectDocker(), testImage);
    fixture = await makeDockerFixture({ docker: dockerd.docker, devices });
  });
  afterAll(async () => {
    await fixture.dispose();
    await dockerd.dispose();
    rmSync(tools, { recursive: true });
  });

  async function hold(script: string, environment = {}): Promise<CreateRequest> {
    const plain = fixture.request({ arguments: ["bash", "-c", script], flavor: "gpu" }, environment);
    const request = { ...plain, gpu };
    await fixture.engine.create(request);
    return request;
  }

  const gpuOf = (request: CreateRequest) =>
    dockerd.docker
      .getContainer(containerNames(fixture.instance, request.spec.id)[1])
      .inspect()
      .then((found) => found.HostConfig.DeviceRequests?.map((each) => each.DeviceIDs));

  it("gives each job one of its flavor's, the first that is free", async () => {
    const watcher = watchEngine(fixture.engine);
    const [first, second, third] = [
      await hold("sleep 600"),
      await hold("sleep 600"),
      await hold("sleep 600"),
    ];
    const outcomes = await fixture.engine.admit([first, second, third]);
    expect([...outcomes.values()].map((each) => each.outcome)).toEqual(["admitted", "admitted", "unknown"]);
    expect(await gpuOf(first)).toEqual([["GPU-a"]]);
    expect(await gpuOf(second)).toEqual([["GPU-b"]]);
    await fixture.engine.end(first.spec.id, { graceSeconds: 0, keep: true });
    expect((await fixture.engine.admit([third])).get(third.spec.id)).toEqual({ outcome: "admitted" });
    expect(await gpuOf(third)).toEqual([["GPU-a"]]);
    await watcher.phase(third.spec.id, "running");
    await watcher.phase(first.spec.id, "ended");
    expect(watcher.jobs.size).toBe(3);
    await watcher.stop();
    for (const { spec } of [first, second, third])
      await fixture.engine.end(spec.id, { graceSeconds: 0, keep: false });
  });

  it("hands on what the job's owner gave, also by a scheduler that was restarted since", async () => {
    const { spec, resources } = await hold('echo "$TOKEN" $NVIDIA_VISIBLE_DEVICES', { TOKEN: "a\nb=c" });
    const restarted = createDockerEngine({ ...fixture, devices });
    expect((await restarted.admit([{ spec, resources, gpu }])).get(spec.id)).toEqual({ outcome: "admitted" });
    const log = restarted.log(spec.id, { follow: true, signal: AbortSignal.timeout(30_000) });
    expect((await readLines(log)).map((line) => line.data)).toEqual(["a\n", "b=c GPU-a\n"]);
    await restarted.end(spec.id, { graceSeconds: 0, keep: false });
  });

  it("loses no job that was given its GPU and then not started", async () => {
    const request = await hold("exit 6");
    await createForDevice(createContext({ ...fixture, devices }), request, "GPU-b");
    const watcher = watchEngine(fixture.engine);
    await watcher.phase(request.spec.id, "held");
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "admitted" });
    expect(await watcher.phase(request.spec.id, "ended")).toMatchObject({ exitCode: 6 });
    expect(await gpuOf(request)).toEqual([["GPU-a"]]);
    expect((await fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "conflict" });
    await fixture.engine.end(request.spec.id, { graceSeconds: 0, keep: false });
    await watcher.removed(request.spec.id);
    await watcher.stop();
  });
});
