import { describe, expect, it } from "vitest";
import { watchEngine } from "../testing/watcher.ts";
import type { ContractTools } from "./tools.ts";

export function describeHeldJobs(on: ContractTools): void {
  describe("a held job", () => {
    it("is told with its whole specification and does not run", async () => {
      const request = await on.hold(on.fixture.commands.print(["never"]));
      const job = await on.watcher.phase(request.spec.id, "held");
      expect(job).toEqual({ spec: request.spec, phase: "held" });
      expect(await on.linesOf(request.spec.id, undefined, false)).toEqual([]);
    });

    it("is one job however often it is made", async () => {
      const request = await on.hold(on.fixture.commands.exit(0));
      await Promise.all([on.fixture.engine.create(request), on.fixture.engine.create(request)]);
      const again = watchEngine(on.fixture.engine);
      await again.until(() => again.snapshots > 0);
      expect([...again.jobs.keys()].filter((id) => id === request.spec.id)).toHaveLength(1);
      await again.stop();
    });

    it("is not let go any more after its end, and its object stays only where it is the record", async () => {
      const request = await on.hold(on.fixture.commands.exit(0));
      await on.watcher.phase(request.spec.id, "held");
      await on.fixture.engine.end(request.spec.id, { graceSeconds: 1, keep: true });
      if (on.can.keepsRecords) {
        expect(await on.watcher.phase(request.spec.id, "ended")).not.toHaveProperty("startedAt");
      } else await on.watcher.removed(request.spec.id);
      const outcome = on.can.keepsRecords ? "conflict" : "gone";
      expect((await on.fixture.engine.admit([request])).get(request.spec.id)).toEqual({ outcome });
    });
  });
}
