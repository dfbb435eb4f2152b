import { expect, test } from "vitest";
import { createFaultLog } from "./fault-log.ts";
import { createLogger } from "./logger.ts";

const huge = `unlinkat ${"a/".repeat(1_000_000)}: too many open files`;

test("an error of megabytes takes a short line of the log, in each of its fields", () => {
  const lines: string[] = [];
  const error = Object.assign(new Error(huge), { json: { message: huge }, cause: new Error(huge) });
  createLogger({ write: (line) => lines.push(line) }).warn({ err: error }, "docker");
  expect(lines[0]?.length).toBeLessThan(20_000);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    msg: "docker",
    err: { message: expect.stringMatching(/^unlinkat .*too many open files$/) },
  });
});

test("a fault is noted shortly, too", () => {
  const faults = createFaultLog(Date.now, () => undefined);
  faults.note("engine", new Error(huge));
  expect(faults.recent()[0]?.message.length).toBeLessThan(3000);
});
