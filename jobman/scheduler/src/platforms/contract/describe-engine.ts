import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { EngineBed } from "../testing/engine-bed.ts";
import { type Watcher, watchEngine } from "../testing/watcher.ts";
import { describeAdmittedJobs } from "./admitted-jobs.ts";
import { describeEnds } from "./ends.ts";
import { describeHeldJobs } from "./held-jobs.ts";
import { describeLogs } from "./logs.ts";
import { makeTools } from "./tools.ts";
import { describeWatches } from "./watches.ts";

/** What every engine promises, tried on a real one. */
export function describeEngine(name: string, makeBed: () => Promise<EngineBed>): void {
  describe(name, { timeout: 40_000 }, () => {
    let bed: EngineBed;
    let watcher: Watcher;
    beforeAll(async () => {
      bed = await makeBed();
    });
    afterAll(() => bed.dispose());
    beforeEach(() => {
      watcher = watchEngine(bed.engine);
    });
    afterEach(() => watcher.stop());
    const tools = makeTools({ bed: () => bed, watcher: () => watcher });
    describeHeldJobs(tools);
    describeAdmittedJobs(tools);
    describeEnds(tools);
    describeLogs(tools);
    describeWatches(tools);
  });
}
