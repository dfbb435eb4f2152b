import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { makeSpec } from "../platforms/testing/job-spec.ts";
import { queuedRecord } from "../queue/index.ts";
import { createJobStore } from "./store.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** A command of 1 MiB, as it comes out of a request. */
function longCommand(index: number): readonly string[] {
  return JSON.parse(JSON.stringify(Array.from({ length: 10 }, () => `${index}`.padEnd(104_857, "x"))));
}

test("a hundred ended jobs with commands of a megabyte each hold no hundred megabytes", () => {
  const store = createJobStore();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 100; index += 1) {
    const record = queuedRecord(makeSpec({ id: `${index}`, image: "i", arguments: longCommand(index) }));
    store.put(record);
    store.put({ ...record, state: "succeeded", reason: "Completed" });
  }
  collectGarbage();
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5e6);
  expect(store.get("7")?.spec.arguments).toEqual([
    expect.stringMatching(/^7x+ \(\d+ more characters\)$/),
    "(9 more)",
  ]);
});

test("a waiting job keeps its whole command", () => {
  const store = createJobStore();
  const command = longCommand(1);
  store.put(queuedRecord(makeSpec({ id: "a", image: "i", arguments: command })));
  expect(store.get("a")?.spec.arguments).toEqual(command);
});
