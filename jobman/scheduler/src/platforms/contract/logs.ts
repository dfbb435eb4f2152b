import { createHash } from "node:crypto";
import type { LogPiece } from "@workstation/jobman/protocol";
import { describe, expect, it } from "vitest";
import { linesIn } from "../testing/output-lines.ts";
import type { ContractTools } from "./tools.ts";

function shown(pieces: readonly LogPiece[]) {
  return linesIn(pieces).map(({ stream, data }) => [stream, data]);
}

export function describeLogs(on: ContractTools): void {
  describe("the log", () => {
    it("is followed from before the start until the end", async () => {
      const request = await on.hold(on.fixture.commands.print(["first", "last"]));
      const following = on.linesOf(request.spec.id);
      await on.fixture.engine.admit([request]);
      expect((await following).map((line) => line.data)).toEqual(["first\n", "last\n"]);
    });

    it("goes on behind any piece", async () => {
      const lines = Array.from({ length: 20 }, (_, index) => `line ${index}`);
      const id = await on.start(on.fixture.commands.print(lines));
      const all = await on.piecesOf(id);
      expect(linesIn(all).map((line) => line.data)).toEqual(lines.map((line) => `${line}\n`));
      await expectToGoOn(on, id, all);
    });

    it("ends when its reader stops, while the job runs on", async () => {
      const id = await on.start(on.fixture.commands.wait("tick"));
      await on.firstPiece(id);
      await on.fixture.engine.end(id, { graceSeconds: 0, keep: false });
    });

    it("stays as long as the job is known, and goes with it", async () => {
      const id = await on.start(on.fixture.commands.print(["kept"]));
      await on.watcher.phase(id, "ended");
      await on.fixture.engine.end(id, { graceSeconds: 0, keep: "log" });
      if (!on.can.keepsRecords) await on.watcher.removed(id);
      expect((await on.linesOf(id)).map((line) => line.data)).toEqual(["kept\n"]);
      await on.fixture.engine.end(id, { graceSeconds: 0, keep: false });
      await expect(on.linesOf(id)).rejects.toMatchObject({ code: "LOG_GONE" });
    });

    it("refuses a cursor that it never gave", async () => {
      const id = await on.start(on.fixture.commands.exit(0));
      await expect(on.linesOf(id, "../../etc/passwd")).rejects.toMatchObject({ code: "CURSOR_INVALID" });
    });

    if (on.can.hasShell) describeHardOutput(on);
    if (on.can.hasShell && on.can.tellsUnfinishedLines) describeUnfinishedLines(on);
    if (on.can.hasShell && on.can.tellsStreamsApart) describeStreams(on);
  });
}

function describeHardOutput(on: ContractTools): void {
  it("is followed over the rests that the job makes", async () => {
    const request = await on.hold("echo first; sleep 0.3; echo last");
    const following = on.linesOf(request.spec.id);
    await on.fixture.engine.admit([request]);
    expect((await following).map((line) => line.data)).toEqual(["first\n", "last\n"]);
  });

  it("keeps long lines whole, and an unfinished last line", async () => {
    const output = await on.outputOf("head -c 100000 /dev/zero | tr '\\0' a; echo; printf 'ü€'; printf end");
    expect(output).toBe(`${"a".repeat(100_000)}\nü€end`);
  });
}

function describeUnfinishedLines(on: ContractTools): void {
  it("shows a line before it has ended", async () => {
    const id = await on.start("printf '50 %%\\r'; sleep 600");
    expect(await on.firstPiece(id)).toMatchObject({ stream: "stdout", data: "50 %\r" });
    await on.fixture.engine.end(id, { graceSeconds: 0, keep: false });
  });
}

function describeStreams(on: ContractTools): void {
  it("tells stdout from stderr, with times that do not go back", async () => {
    const id = await on.start("echo out; sleep 0.2; echo err >&2");
    const lines = await on.linesOf(id);
    expect(lines.map(({ stream, data }) => [stream, data])).toEqual([
      ["stdout", "out\n"],
      ["stderr", "err\n"],
    ]);
    expect(lines.map((line) => line.time).toSorted()).toEqual(lines.map((line) => line.time));
  });

  it("goes on behind any piece of both streams without losing or repeating a byte", async () => {
    const id = await on.start("for i in $(seq 300); do echo $i; ((i % 7)) || echo e$i >&2; done");
    const all = await on.piecesOf(id);
    expect(linesIn(all).filter((line) => line.stream === "stdout")).toHaveLength(300);
    await expectToGoOn(on, id, all);
  });

  it("gives random bytes as they are, and text beside them as text", async () => {
    const seed = "head -c 1000000 /dev/urandom > /tmp/x; sha256sum < /tmp/x >&2; cat /tmp/x";
    const pieces = await on.piecesOf(await on.start(seed));
    const sum = createHash("sha256");
    let told = "";
    for (const piece of pieces) {
      if ("gone" in piece) throw new Error("output is gone");
      if (piece.stream === "stderr") told += "data" in piece ? piece.data : "?";
      else sum.update("data" in piece ? piece.data : Buffer.from(piece.base64, "base64"));
    }
    expect(told.split(" ")[0]).toBe(sum.digest("hex"));
  });

  it("is complete however much comes at once", async () => {
    const id = await on.start("seq 2000000; seq 1000 >&2");
    const lines = await on.linesOf(id);
    const numbers = (stream: string) =>
      lines.filter((line) => line.stream === stream).map((line) => line.data);
    expect(numbers("stdout")).toHaveLength(2_000_000);
    expect(numbers("stdout").every((data, index) => data === `${index + 1}\n`)).toBe(true);
    expect(numbers("stderr")).toHaveLength(1000);
  });
}

async function expectToGoOn(on: ContractTools, id: string, all: readonly LogPiece[]): Promise<void> {
  expect(new Set(all.map((piece) => piece.cursor)).size).toBe(all.length);
  for (const [index, { cursor }] of all.entries()) {
    // A piece read later may be put together from two.
    expect(shown(await on.piecesOf(id, cursor))).toEqual(shown(all.slice(index + 1)));
  }
}
