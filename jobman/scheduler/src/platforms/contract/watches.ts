import { describe, expect, it } from "vitest";
import { watchEngine } from "../testing/watcher.ts";
import type { ContractTools } from "./tools.ts";

export function describeWatches(on: ContractTools): void {
  describe("a watch", () => {
    it("begins with everything that is there", async () => {
      const held = await on.hold(on.fixture.commands.exit(0));
      const endedId = await on.start(on.fixture.commands.exit(3));
      await on.watcher.phase(endedId, "ended");
      const later = watchEngine(on.fixture.engine);
      await later.until(() => later.snapshots > 0);
      expect(later.jobs.get(held.spec.id)).toMatchObject({ phase: "held" });
      expect(later.jobs.get(endedId)).toMatchObject({ phase: "ended", exitCode: 3 });
      await later.stop();
    });

    it("sees nothing of another instance, and nothing of ours can be touched from there", async () => {
      const request = await on.hold(on.fixture.commands.exit(0));
      await on.watcher.phase(request.spec.id, "held");
      const others = watchEngine(on.fixture.other);
      await others.until(() => others.snapshots > 0);
      expect(others.jobs.size).toBe(0);
      expect((await on.fixture.other.admit([request])).get(request.spec.id)).toEqual({ outcome: "gone" });
      await on.fixture.other.end(request.spec.id, { graceSeconds: 1, keep: false });
      expect((await on.fixture.engine.admit([request])).get(request.spec.id)).toEqual({
        outcome: "admitted",
      });
      await others.stop();
    });
  });
}
