import { describe, expect, it } from "vitest";
import type { ContractTools } from "./tools.ts";

export function describeLogs(on: ContractTools): void {
  describe("the log", () => {
    it("tells stdout from stderr, with times that do not go back", async () => {
      const id = await on.start("echo out; sleep 0.2; echo err >&2");
      const lines = await on.linesOf(id);
      expect(lines.map(({ stream, data }) => [stream, data])).toEqual([
        ["stdout", "out\n"],
        ["stderr", "err\n"],
      ]);
      expect(lines.map((line) => line.time).toSorted()).toEqual(lines.map((line) => line.time));
    });

    it("goes on behind any line without losing or repeating one", async () => {
      const id = await on.start("for i in $(seq 300); do echo $i; ((i % 7)) || echo e$i >&2; done");
      const all = await on.linesOf(id);
      expect(all.filter((line) => line.stream === "stdout")).toHaveLength(300);
      expect(new Set(all.map((line) => line.cursor)).size).toBe(all.length);
      for (const index of [0, 1, 150, all.length - 2, all.length - 1]) {
        expect(await on.linesOf(id, all[index]?.cursor)).toEqual(all.slice(index + 1));
      }
    });

    it("keeps long lines whole, an unfinished last line, and shows bytes that are no text", async () => {
      const output = await on.outputOf(
        "head -c 100000 /dev/zero | tr '\\0' a; echo; printf '\\xff|'; printf end",
      );
      expect(output).toBe(`${"a".repeat(100_000)}\n\uFFFD|end`);
    });

    it("is followed from before the start until the end", async () => {
      const request = await on.hold("echo first; sleep 0.3; echo last");
      const following = on.linesOf(request.spec.id);
      await on.bed.engine.admit([request]);
      expect((await following).map((line) => line.data)).toEqual(["first\n", "last\n"]);
    });

    it("ends when its reader stops, while the job runs on", async () => {
      const id = await on.start("while :; do echo tick; sleep 0.05; done");
      await on.firstLine(id);
      await on.bed.engine.end(id, { graceSeconds: 0, keep: false });
    });

    it("refuses a cursor that it never gave", async () => {
      const id = await on.start("true");
      await expect(on.linesOf(id, "../../etc/passwd")).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });
  });
}
