import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { EngineCapabilities, EngineFixture } from "../testing/engine-fixture.ts";
import { type Watcher, watchEngine } from "../testing/watcher.ts";
import { describeAdmittedJobs } from "./admitted-jobs.ts";
import { describeEnds } from "./ends.ts";
import { describeHeldJobs } from "./held-jobs.ts";
import { describeLogs } from "./logs.ts";
import { makeTools } from "./tools.ts";
import { describeWatches } from "./watches.ts";

/** What every engine promises, as far as it can: tried on a real one, and on the double that stands for it. */
export function describeEngine(
  name: string,
  can: EngineCapabilities,
  makeFixture: () => Promise<EngineFixture>,
): void {
  describe(name, { timeout: 40_000 }, () => {
    let fixture: EngineFixture;
    let watcher: Watcher;
    beforeAll(async () => {
      fixture = await makeFixture();
    });
    afterAll(() => fixture.dispose());
    beforeEach(() => {
      watcher = watchEngine(fixture.engine);
    });
    afterEach(() => watcher.stop());
    const tools = makeTools({ can, fixture: () => fixture, watcher: () => watcher });
    describeHeldJobs(tools);
    describeAdmittedJobs(tools);
    describeEnds(tools);
    describeLogs(tools);
    describeWatches(tools);
  });
}
