import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KubernetesFixture } from "../testing/kubernetes-fixture.ts";
import { makeKubernetesFixture } from "../testing/kubernetes-fixture.ts";
import { watchEngine } from "../testing/watcher.ts";

const obstacle = controlPlaneObstacle();

describe.skipIf(obstacle !== undefined)(`jobs on a real API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane();
  let on: KubernetesFixture;
  beforeAll(async () => {
    on = await makeKubernetesFixture(controlPlane());
  });
  afterAll(() => on.dispose());

  test("a held job is told with its specification, and its place in line comes from the API server's clock", async () => {
    const watcher = watchEngine(on.engine);
    const request = on.request({ arguments: ["echo", "$(HOME)", "$$", "a b"] });
    const spec = await on.engine.create(request);
    expect(spec).toEqual({ ...request.spec, sequence: spec.sequence });
    expect(Math.abs(spec.sequence - Date.now())).toBeLessThan(5000);
    expect(await watcher.phase(spec.id, "held")).toEqual({ spec, phase: "held" });
    await watcher.stop();
  });

  test("a job is let go once", async () => {
    const request = on.request();
    await on.engine.create(request);
    const first = await on.engine.admit([request]);
    expect(first.get(request.spec.id)).toEqual({ outcome: "admitted" });
    expect((await on.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "conflict" });
    const watcher = watchEngine(on.engine);
    expect((await watcher.phase(request.spec.id, "starting")).spec.id).toBe(request.spec.id);
    await on.engine.end(request.spec.id, { graceSeconds: 1, keep: false });
    await watcher.removed(request.spec.id);
    await watcher.stop();
  });
});
