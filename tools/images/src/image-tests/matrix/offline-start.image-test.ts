import { expect, test } from "vitest";
import { runInImage } from "../container.ts";

const rounds = 5;

test("a start without any network takes no longer than one with a network", async () => {
  const offline: number[] = [];
  const online: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    offline.push(await secondsToStart("none"));
    online.push(await secondsToStart("bridge"));
  }
  // A name that is looked up in vain costs seconds; a busy machine's tenths are not meant.
  expect(median(offline), `${offline} s without, ${online} s with`).toBeLessThan(1.2 * median(online) + 0.3);
});

async function secondsToStart(network: string): Promise<number> {
  const started = performance.now();
  expect((await runInImage(["true"], { network })).exitCode).toBe(0);
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
