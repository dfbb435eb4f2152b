import { expect, test } from "vitest";
import type { JobView } from "../objects/read-job.ts";
import { createSlotTurns } from "./slot-turns.ts";

const job = (uid: string): JobView => ({ uid }) as JobView;
const [a, b, c, d] = ["a", "b", "c", "d"].map(job) as [JobView, JobView, JobView, JobView];

/** A ledger whose writes end when they are told to. */
function makeLedger() {
  const writes: { readonly flavor: string; readonly uids: readonly string[]; end(): void }[] = [];
  const take = createSlotTurns((flavor, held) => {
    const { promise, resolve } = Promise.withResolvers<readonly JobView[]>();
    writes.push({ flavor, uids: held.map(({ uid }) => uid), end: () => resolve(held.slice(0, 2)) });
    return promise;
  });
  const begun = (): readonly (readonly string[])[] => writes.map(({ uids }) => uids);
  return { take, writes, begun };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("who comes while a flavor's ledger is written waits for the next write, which is for all in their order", async () => {
  const { take, writes, begun } = makeLedger();
  const first = take("no-gpu", [a]);
  await settled();
  const [second, third] = [take("no-gpu", [b]), take("no-gpu", [c, d])];
  await settled();
  expect(begun()).toEqual([["a"]]);
  writes[0]?.end();
  expect(await first).toEqual([a]);
  await settled();
  expect(begun()).toEqual([["a"], ["b", "c", "d"]]);
  writes[1]?.end();
  // Each hears of its own jobs alone.
  expect([await second, await third]).toEqual([[b], [c]]);
});

test("a flavor does not wait for another", async () => {
  const { take, begun } = makeLedger();
  void take("no-gpu", [a]);
  void take("small-gpu", [b]);
  await settled();
  expect(begun()).toEqual([["a"], ["b"]]);
});

test("a write that fails fails for those who were in it", async () => {
  let writes = 0;
  const take = createSlotTurns(async (_, held) => {
    writes += 1;
    if (writes === 1) throw new Error("lost");
    return held;
  });
  await expect(take("no-gpu", [a])).rejects.toThrow("lost");
  expect(await take("no-gpu", [b])).toEqual([b]);
});
