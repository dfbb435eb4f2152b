import { connectDocker, type DockerConnection } from "@workstation/docker";
import {
  makePrivateEngine,
  type PrivateEngine,
  privateEngineObstacle,
} from "@workstation/docker/private-engine";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type DockerBed, makeDockerBed, testImage } from "../testing/docker-bed.ts";
import { type Watcher, watchEngine } from "../testing/watcher.ts";

const obstacle = privateEngineObstacle();

describe.skipIf(obstacle !== undefined)(
  `faults of the engine itself ${obstacle ?? ""}`,
  { timeout: 120_000 },
  () => {
    let dockerd: PrivateEngine;
    let bed: DockerBed;
    let watcher: Watcher;
    beforeAll(async () => {
      dockerd = await makePrivateEngine();
      await dockerd.copyImage(await connectDocker(), testImage);
    });
    afterAll(() => dockerd.dispose());
    beforeEach(async () => {
      bed = await makeDockerBed({ docker: dockerd.docker });
      watcher = watchEngine(bed.engine);
    });
    afterEach(async () => {
      await watcher.stop();
      await bed.dispose();
    });

    async function hold(script: string) {
      const request = bed.request({ arguments: ["bash", "-c", script] });
      await bed.engine.create(request);
      return request;
    }

    async function start(script: string): Promise<string> {
      const request = await hold(script);
      await bed.engine.admit([request]);
      await watcher.phase(request.spec.id, "running");
      return request.spec.id;
    }

    it.each(["stop", "kill"] as const)(
      "a restart (%s) keeps what waits and tells which jobs it cost",
      async (how) => {
        const waiting = await hold("true");
        console.error("LINE 49", Date.now());
        const running = await start("sleep 600");
        console.error("LINE 50", Date.now());
        const trapping = await start("trap 'exit 143' TERM; while :; do sleep 0.1; done");
        console.error("LINE 51", Date.now());
        const ended = await start("bash -c 'kill -9 $$'; exit $?");
        console.error("LINE 52", Date.now());
        await watcher.phase(ended, "ended");
        console.error("LINE 53", Date.now());
        const before = watcher.snapshots;
        console.error("LINE 54", Date.now());
        await dockerd[how]();
        console.error("LINE 55", Date.now());
        await dockerd.start();
        console.error("LINE 56", Date.now());
        await watcher.until(() => watcher.snapshots > before);
        console.error("LINE 57", Date.now());
        expect(await watcher.phase(running, "ended")).toMatchObject({ nodeLost: true, outOfMemory: false });
        console.error("LINE 58", Date.now());
        expect(await watcher.phase(trapping, "ended")).toMatchObject({ nodeLost: true });
        console.error("LINE 59", Date.now());
        expect(watcher.jobs.get(ended)).toMatchObject({ exitCode: 137, nodeLost: false });
        console.error("LINE 60", Date.now());
        expect(watcher.jobs.get(waiting.spec.id)).toMatchObject({ phase: "held" });
        console.error("LINE 61", Date.now());
        expect((await bed.engine.admit([waiting])).get(waiting.spec.id)).toEqual({ outcome: "started" });
        console.error("LINE 62", Date.now());
        expect(await watcher.phase(waiting.spec.id, "ended")).toMatchObject({ exitCode: 0, nodeLost: false });
        console.error("LINE 63", Date.now());
      },
    );

    it("a prune takes what waits, and it is told", async () => {
      const waiting = await hold("true");
      await watcher.phase(waiting.spec.id, "held");
      await dockerd.docker.pruneContainers();
      await watcher.removed(waiting.spec.id);
      expect((await bed.engine.admit([waiting])).get(waiting.spec.id)).toEqual({ outcome: "gone" });
    });

    it("nothing else can be done while it is away", async () => {
      const request = await hold("true");
      await dockerd.stop();
      try {
        await expect(hold("true")).rejects.toMatchObject({ code: "ENGINE_UNAVAILABLE" });
        console.error("LINE 79", Date.now());
        await expect(bed.engine.end(request.spec.id, { graceSeconds: 1, keep: true })).rejects.toMatchObject({
          code: "ENGINE_UNAVAILABLE",
        });
        console.error("LINE 82", Date.now());
        expect((await bed.engine.admit([request])).get(request.spec.id)).toMatchObject({
          outcome: "unknown",
        });
        console.error("LINE 85", Date.now());
      } finally {
        await dockerd.start();
        console.error("LINE 87", Date.now());
      }
    });
  },
);

describe.skipIf(obstacle !== undefined)(
  `an engine with live-restore ${obstacle ?? ""}`,
  { timeout: 120_000 },
  () => {
    let dockerd: PrivateEngine;
    let machine: DockerConnection;
    beforeAll(async () => {
      machine = await connectDocker();
      dockerd = await makePrivateEngine(["--live-restore"]);
      await dockerd.copyImage(machine, testImage);
    });
    afterAll(() => dockerd.dispose());

    it("loses no job and no line when it is killed and comes back", async () => {
      const bed = await makeDockerBed({ docker: dockerd.docker });
      const watcher = watchEngine(bed.engine);
      const request = bed.request({ arguments: ["bash", "-c", "echo one; sleep 4; echo two; exit 9"] });
      await bed.engine.create(request);
      await bed.engine.admit([request]);
      await watcher.phase(request.spec.id, "running");
      await dockerd.kill();
      await dockerd.start();
      expect(await watcher.phase(request.spec.id, "ended")).toMatchObject({ exitCode: 9, nodeLost: false });
      const lines = await Array.fromAsync(
        bed.engine.log(request.spec.id, { follow: true, signal: AbortSignal.timeout(20_000) }),
      );
      expect(lines.map((line) => line.data)).toEqual(["one\n", "two\n"]);
      await watcher.stop();
      await bed.dispose();
    });
  },
);
