import { expect, test } from "vitest";
import { createUnseenJobs } from "./unseen-jobs.ts";

const at = Date.parse("2026-01-01T00:00:00Z");
const job = { owner: "alice", id: "id-1", name: "train", at };
/** Whoever entered the job has a clock that is an hour ahead. */
const early = () => at - 3_600_000;

test("an entry whose time cannot be is believed for a minute since it was met, then its job is asked for each time", async () => {
  let elapsed = 5_000;
  let isThere = true;
  const asked: string[] = [];
  const unseen = createUnseenJobs({
    elapsed: () => elapsed,
    now: early,
    isActive: async ({ name }) => {
      asked.push(name);
      return isThere;
    },
  });
  expect(await unseen.mayBeActive(job)).toBe(true);
  elapsed += 59_999;
  isThere = false;
  expect(await unseen.mayBeActive(job)).toBe(true);
  expect(asked).toEqual([]);
  elapsed += 1;
  expect(await unseen.mayBeActive(job)).toBe(false);
  isThere = true;
  expect(await unseen.mayBeActive(job)).toBe(true);
  expect(asked).toEqual(["train", "train"]);
});

test("an old entry is asked for at once, so that schedulers who live for seconds do not keep it for ever", async () => {
  let now = at + 59_999;
  const unseen = createUnseenJobs({ now: () => now, elapsed: () => 0, isActive: async () => false });
  expect(await unseen.mayBeActive(job)).toBe(true);
  now += 1;
  expect(await unseen.mayBeActive(job)).toBe(false);
});

test("a server that does not answer frees nobody's place", async () => {
  let elapsed = 0;
  const unseen = createUnseenJobs({
    elapsed: () => elapsed,
    now: early,
    isActive: async () => {
      throw new Error("no answer");
    },
  });
  await unseen.mayBeActive(job);
  elapsed = 60_000;
  await expect(unseen.mayBeActive(job)).rejects.toThrow("no answer");
});
