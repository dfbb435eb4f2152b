import { afterEach, expect, test } from "vitest";
import type { Core } from "../core/core.ts";
import { createFaultLog } from "../diagnostics/fault-log.ts";
import { createProblemBoard } from "../diagnostics/problems.ts";
import type { ScratchUse } from "../platforms/engine.ts";
import { watchScratch } from "./scratch-watch.ts";

let stop: () => void = () => undefined;
afterEach(() => stop());

/** A watch that looks without rest at one running job of an engine that answers so. */
function watchOne(answer: (look: number) => ScratchUse) {
  const heard = { looks: 0, asked: [] as unknown[], sentences: [] as string[] };
  const job: { state: string; spec: { id: string }; stopping?: string } = {
    state: "running",
    spec: { id: "a" },
  };
  const core = {
    site: { limits: { scratch: 1000, scratchFiles: 10 } },
    scratchUse: async () => {
      heard.looks += 1;
      return new Map([["a", answer(heard.looks)]]);
    },
    records: {
      active: () => [job],
      askStop: async (ids: readonly string[], cause: string) => {
        heard.asked.push([ids, cause]);
        job.stopping = cause;
      },
      noteStartError: (_: string, sentence: string) => heard.sentences.push(sentence),
    },
    faults: createFaultLog(Date.now, () => undefined),
    problems: createProblemBoard(),
    wake: () => undefined,
  };
  stop = watchScratch(core as unknown as Core, 1);
  return { ...core, heard };
}

const little = { bytes: 1, files: 1 };

test("a job that could not be measured three times in a row is ended with its own sentence, and that is a fault", async () => {
  const { heard, faults } = watchOne(() => ({ ...little, measured: "broken" }));
  await expect.poll(() => heard.asked).toEqual([[["a"], "scratch"]]);
  expect(heard.sentences).toEqual([expect.stringContaining("moved folders")]);
  expect([heard.looks, faults.recent().length]).toEqual([3, 1]);
});

test("one that is measured now and then goes on", async () => {
  const { heard } = watchOne((look) => ({ ...little, measured: look % 3 === 0 ? "whole" : "broken" }));
  await expect.poll(() => heard.looks).toBeGreaterThan(12);
  expect(heard.asked).toEqual([]);
});

test("a count that did not come to its end counts all the same", async () => {
  const { heard } = watchOne(() => ({ bytes: 1001, files: 1, measured: "broken" }));
  await expect.poll(() => heard.asked).toEqual([[["a"], "scratch"]]);
  expect([heard.looks, heard.sentences]).toEqual([1, []]);
});

test("a slow disk ends no job, and is one problem for the operator until it is over", async () => {
  let isSlow = true;
  const { heard, problems } = watchOne(() => ({ ...little, measured: isSlow ? "late" : "whole" }));
  await expect.poll(() => problems.all()).toEqual([expect.stringContaining("could not be measured")]);
  expect(heard.asked).toEqual([]);
  isSlow = false;
  await expect.poll(() => problems.all()).toEqual([]);
});
