import { controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type KubernetesFixture, makeKubernetesFixture } from "../../testing/kubernetes-fixture.ts";
import { createLease, type Lease } from "./lease.ts";

const obstacle = controlPlaneObstacle();
const quick = { duration: 3, renewDeadline: 2, retry: 0.4 };

describe.skipIf(obstacle !== undefined)(`the lease on a real API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane({ controllerManager: false });
  let on: KubernetesFixture;
  let stops: (() => Promise<void>)[];
  beforeEach(async () => {
    on = await makeKubernetesFixture(controlPlane());
    stops = [];
  });
  afterEach(async () => {
    await Promise.all(stops.map((stop) => stop()));
    await on.dispose();
  });

  /** A replica that stands for it, and how it stops. */
  function stand(identity: string): { readonly lease: Lease; readonly stop: () => Promise<void> } {
    const stopped = new AbortController();
    const place = { connection: on.connection, namespace: "workstation", name: `${on.instance}-lead` };
    const lease = createLease({ ...place, identity, seconds: quick, onFault: () => undefined });
    const ended = lease.run(stopped.signal);
    const stop = async (): Promise<void> => {
      stopped.abort();
      await ended;
    };
    stops.push(stop);
    return { lease, stop };
  }

  const until = (question: () => boolean) =>
    expect.poll(question, { timeout: 10_000, interval: 50 }).toBe(true);

  test("one of several holds it, and hands it over at once when it stops", async () => {
    const replicas = ["a", "b", "c"].map(stand);
    const holders = () => replicas.filter(({ lease }) => lease.held());
    await until(() => holders().length === 1);
    const [first] = holders();
    const changes: number[] = [];
    for (const { lease } of replicas) lease.onChange(() => changes.push(performance.now()));
    const askedAt = performance.now();
    await first?.stop();
    await until(() => holders().length === 1);
    expect(holders()[0]).not.toBe(first);
    expect(performance.now() - askedAt).toBeLessThan(1500);
    expect(changes).toHaveLength(2);
  });

  test("a holder whose words do not arrive knows by its own clock that it holds it no more, before another does", async () => {
    const { lease } = stand("a");
    await until(() => lease.held());
    const other = stand("b");
    const server = controlPlane().process("kube-apiserver");
    await server.pause();
    await until(() => !lease.held());
    expect(other.lease.held()).toBe(false);
    server.resume();
    await until(() => lease.held() !== other.lease.held());
  });

  test("what the holder leaves is read by the others, and kept by the next", async () => {
    const first = stand("a");
    await until(() => first.lease.held());
    const second = stand("b");
    first.lease.note.set("so far");
    await until(() => second.lease.note.get() === "so far");
    await first.stop();
    await until(() => second.lease.held());
    const third = stand("c");
    await until(() => third.lease.note.get() === "so far");
  });
});
