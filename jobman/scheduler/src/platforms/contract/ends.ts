import { describe, expect, it } from "vitest";
import { watchEngine } from "../testing/watcher.ts";
import type { ContractTools } from "./tools.ts";

export function describeEnds(on: ContractTools): void {
  describe("the end of a job", () => {
    it("comes by TERM, and the job's object and output stay where they are kept", async () => {
      const id = await on.start(on.fixture.commands.wait("ready"));
      await on.firstPiece(id);
      await on.fixture.engine.end(id, { graceSeconds: 30, keep: true });
      expect(await on.watcher.phase(id, "ended")).toMatchObject({ exitCode: 143, outOfMemory: false });
      expect((await on.linesOf(id)).map((line) => line.data)).toEqual(["ready\n"]);
    });

    it("removes everything unless it is kept, and can be asked for again and again", async () => {
      const id = await on.start(on.fixture.commands.print(["hello"]));
      await on.watcher.phase(id, "ended");
      const end = () => on.fixture.engine.end(id, { graceSeconds: 1, keep: false });
      await Promise.all([end(), end()]);
      await end();
      await on.watcher.removed(id);
      await expect(on.linesOf(id)).rejects.toMatchObject({ code: "LOG_GONE" });
    });

    it("is nothing for a job that never was", async () => {
      await on.fixture.engine.end("never-was", { graceSeconds: 1, keep: true });
    });

    if (on.can.hasShell) describeStubbornJobs(on);
  });
}

function describeStubbornJobs(on: ContractTools): void {
  it("comes by TERM, and its own code is kept", async () => {
    const id = await on.start("trap 'echo stopped; exit 5' TERM; echo ready; while :; do sleep 0.1; done");
    await on.firstPiece(id);
    await on.fixture.engine.end(id, { graceSeconds: 30, keep: true });
    expect(await on.watcher.phase(id, "ended")).toMatchObject({ exitCode: 5 });
    expect((await on.linesOf(id)).map((line) => line.data)).toEqual(["ready\n", "stopped\n"]);
  });

  it("comes by KILL when the grace is over", async () => {
    const id = await on.start("trap '' TERM; echo ready; while :; do sleep 0.1; done");
    await on.firstPiece(id);
    await on.fixture.engine.end(id, { graceSeconds: on.fixture.shortGraceSeconds, keep: true });
    const now = watchEngine(on.fixture.engine);
    await now.until(() => now.snapshots > 0);
    expect(now.jobs.get(id)).toMatchObject({ phase: "ended", exitCode: 137, outOfMemory: false });
    await now.stop();
  });
}
