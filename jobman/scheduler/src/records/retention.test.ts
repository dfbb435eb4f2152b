import { expect, test } from "vitest";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import type { JobRecord } from "../queue/index.ts";
import { outOfRetention } from "./retention.ts";

const day = 86_400_000;

function endedAt(owner: string, time: number): JobRecord {
  const spec = makeSpec({ image: "i", owner });
  return { spec, state: "succeeded", reason: "Completed", endedAt: time, holdsSlot: false };
}

test("ended jobs go after their days, the oldest first when a user has too many", () => {
  const old = endedAt("alice", 0);
  const [first, second, third] = [
    endedAt("bob", 6 * day),
    endedAt("bob", 7 * day),
    endedAt("bob", 7.5 * day),
  ];
  const kept = endedAt("alice", 2 * day);
  const gone = outOfRetention(
    [second, old, first, kept, third],
    { seconds: 7 * 86_400, perUser: 2 },
    8 * day,
  );
  expect(new Set(gone)).toEqual(new Set([old, first]));
});
