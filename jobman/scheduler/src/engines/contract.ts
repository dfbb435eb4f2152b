import type { LogLine } from "@workstation/jobman/protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AdmissionRequest } from "./engine.ts";
import type { EngineBed } from "./testing/engine-bed.ts";
import { type Watcher, watchEngine } from "./testing/watcher.ts";

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

    const shell = (script: string): AdmissionRequest => bed.request({ arguments: ["bash", "-c", script] });

    async function hold(script: string): Promise<AdmissionRequest> {
      const request = shell(script);
      await bed.engine.create(request);
      return request;
    }

    async function start(script: string): Promise<string> {
      const request = await hold(script);
      const outcome = (await bed.engine.admit([request])).get(request.spec.id);
      expect(outcome).toEqual({ outcome: "started" });
      return request.spec.id;
    }

    async function linesOf(id: string, after?: string, follow = true): Promise<readonly LogLine[]> {
      const signal = AbortSignal.timeout(60_000);
      return Array.fromAsync(
        bed.engine.log(id, { follow, signal, ...(after === undefined ? {} : { after }) }),
      );
    }

    async function outputOf(script: string): Promise<string> {
      const lines = await linesOf(await start(script));
      return lines.map((line) => line.data).join("");
    }

    describe("a held job", () => {
      it("is told with its whole specification and does not run", async () => {
        const request = await hold("echo never");
        const job = await watcher.phase(request.spec.id, "held");
        expect(job).toEqual({ spec: request.spec, phase: "held" });
        expect(await linesOf(request.spec.id, undefined, false)).toEqual([]);
      });

      it("is one job however often it is made", async () => {
        const request = await hold("true");
        await Promise.all([bed.engine.create(request), bed.engine.create(request)]);
        const again = watchEngine(bed.engine);
        await again.until(() => again.snapshots > 0);
        expect([...again.jobs.keys()].filter((id) => id === request.spec.id)).toHaveLength(1);
        await again.stop();
      });

      it("is gone after its end, even if it should be kept", async () => {
        const request = await hold("true");
        await watcher.phase(request.spec.id, "held");
        await bed.engine.end(request.spec.id, { graceSeconds: 1, keep: true });
        await watcher.removed(request.spec.id);
        expect((await bed.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "gone" });
      });
    });

    describe("an admitted job", () => {
      it.each([0, 1, 7, 255])("ends with its own exit code %i", async (code) => {
        const job = await watcher.phase(await start(`exit ${code}`), "ended");
        expect(job).toMatchObject({ exitCode: code, outOfMemory: false, nodeLost: false });
      });

      it("tells when it started and ended", async () => {
        const id = await start("true");
        const { startedAt = 0, endedAt = 0 } = await watcher.phase(id, "ended");
        expect(startedAt).toBeGreaterThan(Date.now() - 60_000);
        expect(endedAt).toBeGreaterThanOrEqual(startedAt);
        expect(endedAt).toBeLessThanOrEqual(Date.now() + 1_000);
      });

      it.each([
        ["TERM", 143],
        ["KILL", 137],
        ["SEGV", 139],
      ])("ends with 128 + n when its command dies of SIG%s", async (signal, code) => {
        const job = await watcher.phase(await start(`bash -c 'kill -${signal} $$'; exit $?`), "ended");
        expect(job).toMatchObject({ exitCode: code, outOfMemory: false });
      });

      it("is told apart when it used more memory than its slot has", async () => {
        const id = await start("x=$(head -c 1G /dev/zero | tr '\\0' x); echo $x");
        expect(await watcher.phase(id, "ended")).toMatchObject({ outOfMemory: true });
      });

      it("starts only once", async () => {
        const request = await hold("echo once");
        const outcomes = [await bed.engine.admit([request]), await bed.engine.admit([request])];
        expect(outcomes.map((each) => each.get(request.spec.id)?.outcome)).toEqual(["started", "conflict"]);
        await watcher.phase(request.spec.id, "ended");
        expect((await bed.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "conflict" });
        expect(await linesOf(request.spec.id)).toHaveLength(1);
      });

      it("is answered for each, also when one cannot start and one does not exist", async () => {
        const [good, bad, gone] = [
          await hold("true"),
          bed.request({ arguments: ["/no/such/command"] }),
          shell("true"),
        ];
        await bed.engine.create(bad);
        const outcomes = await bed.engine.admit([good, bad, gone]);
        expect(outcomes.get(good.spec.id)).toEqual({ outcome: "started" });
        expect(outcomes.get(gone.spec.id)).toEqual({ outcome: "gone" });
        expect(outcomes.get(bad.spec.id)).toMatchObject({
          outcome: "failed",
          message: expect.stringContaining("/no/such/command"),
        });
      });

      it("gets its arguments and environment byte for byte", async () => {
        const hostile = ["a b", "", "$(id)", "`id`", "';\"", "новый\nline", "-n", "*", "\\"];
        const request = bed.request({
          arguments: ["bash", "-c", 'printf "<%s>\\n" "$@" "$HOSTILE"', "bash", ...hostile],
          environment: { HOSTILE: "$(id)\n'\"", WORKSTATION_CORES: "999" },
        });
        await bed.engine.create(request);
        await bed.engine.admit([request]);
        const text = (await linesOf(request.spec.id)).map((line) => line.data).join("");
        expect(text).toBe([...hostile, "$(id)\n'\""].map((each) => `<${each}>\n`).join(""));
      });

      it("cannot replace what the entrypoint is told", async () => {
        const request = bed.request({
          arguments: ["bash", "-c", "echo $WORKSTATION_KIND $WORKSTATION_CORES $JOB_NAME"],
          environment: { WORKSTATION_KIND: "desktop", WORKSTATION_CORES: "999", JOB_NAME: "other" },
        });
        await bed.engine.create(request);
        await bed.engine.admit([request]);
        const text = (await linesOf(request.spec.id)).map((line) => line.data).join("");
        expect(text).toBe(`job 1 ${request.spec.name}\n`);
      });

      it("runs as its user, may write home and /tmp, and nothing of the system", async () => {
        const script = `id -u; id -g; pwd; touch ~/a /tmp/b /var/tmp/c && echo yes
          for path in / /etc /usr/bin; do touch $path/x 2>/dev/null && echo "wrote $path"; done; true`;
        expect(await outputOf(script)).toMatch(/^20001\n20001\n\/home\/[a-z]+\nyes\n$/);
      });
    });

    describe("the end of a job", () => {
      it("comes by TERM, and its own code is kept", async () => {
        const id = await start("trap 'echo stopped; exit 5' TERM; echo ready; while :; do sleep 0.1; done");
        await firstLine(id);
        await bed.engine.end(id, { graceSeconds: 30, keep: true });
        expect(await watcher.phase(id, "ended")).toMatchObject({ exitCode: 5 });
        expect((await linesOf(id)).map((line) => line.data)).toEqual(["ready\n", "stopped\n"]);
      });

      it("comes by KILL when the grace is over", async () => {
        const id = await start("trap '' TERM; echo ready; while :; do sleep 0.1; done");
        await firstLine(id);
        await bed.engine.end(id, { graceSeconds: 1, keep: true });
        expect(await watcher.phase(id, "ended")).toMatchObject({ exitCode: 137, outOfMemory: false });
      });

      it("removes everything unless it is kept, and can be asked for again and again", async () => {
        const id = await start("echo hello");
        await watcher.phase(id, "ended");
        const end = () => bed.engine.end(id, { graceSeconds: 1, keep: false });
        await Promise.all([end(), end()]);
        await end();
        await watcher.removed(id);
        expect(await linesOf(id)).toEqual([]);
      });

      it("is nothing for a job that never was", async () => {
        await bed.engine.end("never-was", { graceSeconds: 1, keep: true });
      });
    });

    describe("the log", () => {
      it("tells stdout from stderr, with times that do not go back", async () => {
        const id = await start("echo out; sleep 0.2; echo err >&2");
        const lines = await linesOf(id);
        expect(lines.map(({ stream, data }) => [stream, data])).toEqual([
          ["stdout", "out\n"],
          ["stderr", "err\n"],
        ]);
        expect(lines.map((line) => line.time).toSorted()).toEqual(lines.map((line) => line.time));
      });

      it("goes on behind any line without losing or repeating one", async () => {
        const id = await start("for i in $(seq 300); do echo $i; ((i % 7)) || echo e$i >&2; done");
        const all = await linesOf(id);
        expect(all.filter((line) => line.stream === "stdout")).toHaveLength(300);
        expect(new Set(all.map((line) => line.cursor)).size).toBe(all.length);
        for (const index of [0, 1, 150, all.length - 2, all.length - 1]) {
          expect(await linesOf(id, all[index]?.cursor)).toEqual(all.slice(index + 1));
        }
      });

      it("keeps long lines whole, an unfinished last line, and shows bytes that are no text", async () => {
        const output = await outputOf(
          "head -c 100000 /dev/zero | tr '\\0' a; echo; printf '\\xff|'; printf end",
        );
        expect(output).toBe(`${"a".repeat(100_000)}\n\uFFFD|end`);
      });

      it("is followed from before the start until the end", async () => {
        const request = await hold("echo first; sleep 0.3; echo last");
        const following = linesOf(request.spec.id);
        await bed.engine.admit([request]);
        expect((await following).map((line) => line.data)).toEqual(["first\n", "last\n"]);
      });

      it("ends when its reader stops, while the job runs on", async () => {
        const id = await start("while :; do echo tick; sleep 0.05; done");
        await firstLine(id);
        await bed.engine.end(id, { graceSeconds: 0, keep: false });
      });

      it("refuses a cursor that it never gave", async () => {
        const id = await start("true");
        await expect(linesOf(id, "../../etc/passwd")).rejects.toMatchObject({ code: "CURSOR_INVALID" });
      });
    });

    describe("a watch", () => {
      it("begins with everything that is there", async () => {
        const held = await hold("true");
        const endedId = await start("exit 3");
        await watcher.phase(endedId, "ended");
        const later = watchEngine(bed.engine);
        await later.until(() => later.snapshots > 0);
        expect(later.jobs.get(held.spec.id)).toMatchObject({ phase: "held" });
        expect(later.jobs.get(endedId)).toMatchObject({ phase: "ended", exitCode: 3 });
        await later.stop();
      });

      it("sees nothing of another instance, and nothing of ours can be touched from there", async () => {
        const request = await hold("true");
        await watcher.phase(request.spec.id, "held");
        const others = watchEngine(bed.other);
        await others.until(() => others.snapshots > 0);
        expect(others.jobs.size).toBe(0);
        expect((await bed.other.admit([request])).get(request.spec.id)).toEqual({ outcome: "gone" });
        await bed.other.end(request.spec.id, { graceSeconds: 1, keep: false });
        expect((await bed.engine.admit([request])).get(request.spec.id)).toEqual({ outcome: "started" });
        await others.stop();
      });
    });

    async function firstLine(id: string): Promise<LogLine> {
      const stop = new AbortController();
      for await (const line of bed.engine.log(id, { follow: true, signal: stop.signal })) {
        stop.abort();
        return line;
      }
      throw new Error("the job ended without a line");
    }
  });
}
