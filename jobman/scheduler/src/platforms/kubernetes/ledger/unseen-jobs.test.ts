import { expect, test } from "vitest";
import { createUnseenJobs } from "./unseen-jobs.ts";

const job = { owner: "alice", id: "id-1", name: "train" };

test("an entry is believed for a minute by our own clock, then its job is asked for each time", async () => {
  let elapsed = 5_000;
  let isThere = true;
  const asked: string[] = [];
  const unseen = createUnseenJobs({
    elapsed: () => elapsed,
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

test("a server that does not answer frees nobody's place", async () => {
  let elapsed = 0;
  const unseen = createUnseenJobs({
    elapsed: () => elapsed,
    isActive: async () => {
      throw new Error("no answer");
    },
  });
  await unseen.mayBeActive(job);
  elapsed = 60_000;
  await expect(unseen.mayBeActive(job)).rejects.toThrow("no answer");
});
