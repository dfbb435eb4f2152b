import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ContractTools } from "./tools.ts";

/** All but what one argument may have at most. */
const longText = 130_000;

export function describeAdmittedJobs(on: ContractTools): void {
  describe("an admitted job", () => {
    it.each([0, 1, 7, 255])("ends with its own exit code %i", async (code) => {
      const job = await on.watcher.phase(await on.start(on.fixture.commands.exit(code)), "ended");
      expect(job).toMatchObject({ exitCode: code, outOfMemory: false, nodeLost: false });
    });

    it("tells when it started and ended", async () => {
      const id = await on.start(on.fixture.commands.exit(0));
      const { startedAt = 0, endedAt = 0 } = await on.watcher.phase(id, "ended");
      expect(startedAt).toBeGreaterThan(Date.now() - 60_000);
      expect(endedAt).toBeGreaterThanOrEqual(startedAt);
      expect(endedAt).toBeLessThanOrEqual(Date.now() + 1_000);
    });

    it("starts only once", async () => {
      const request = await on.hold(on.fixture.commands.print(["once"]));
      const outcomes = [await on.fixture.engine.admit([request]), await on.fixture.engine.admit([request])];
      expect(outcomes.map((each) => each.get(request.spec.id)?.outcome)).toEqual(["admitted", "conflict"]);
      await on.watcher.phase(request.spec.id, "ended");
      expect((await on.fixture.engine.admit([request])).get(request.spec.id)).toEqual({
        outcome: "conflict",
      });
      expect(await on.linesOf(request.spec.id)).toHaveLength(1);
    });

    it("is answered for each, also when one cannot start and one does not exist", async () => {
      const [good, bad, gone] = [
        await on.hold(on.fixture.commands.exit(0)),
        on.fixture.request({ arguments: ["/no/such/command"] }),
        on.job(on.fixture.commands.exit(0)),
      ];
      await on.fixture.engine.create(bad);
      const outcomes = await on.fixture.engine.admit([good, bad, gone]);
      expect(outcomes.get(good.spec.id)).toEqual({ outcome: "admitted" });
      expect(outcomes.get(gone.spec.id)).toEqual({ outcome: "gone" });
      if (on.can.badCommandFailsAtAdmission) {
        expect(outcomes.get(bad.spec.id)).toMatchObject({
          outcome: "failed",
          message: expect.stringContaining("/no/such/command"),
        });
      } else {
        expect(outcomes.get(bad.spec.id)).toEqual({ outcome: "admitted" });
        expect((await on.watcher.phase(bad.spec.id, "ended")).exitCode).not.toBe(0);
      }
    });

    if (on.can.hasShell) describeWhatJobsSee(on);
  });
}

/** What an image with a shell can tell of a job's surroundings. */
function describeWhatJobsSee(on: ContractTools): void {
  it.each([
    ["TERM", 143],
    ["KILL", 137],
    ["SEGV", 139],
  ])("ends with 128 + n when its command dies of SIG%s", async (signal, code) => {
    const job = await on.watcher.phase(await on.start(`bash -c 'kill -${signal} $$'; exit $?`), "ended");
    expect(job).toMatchObject({ exitCode: code, outOfMemory: false });
  });

  it("is told apart when it used more memory than its slot has", async () => {
    const id = await on.start("x=$(head -c 1G /dev/zero | tr '\\0' x); echo $x");
    expect(await on.watcher.phase(id, "ended")).toMatchObject({ outOfMemory: true });
  });

  it("gets its arguments and environment byte for byte", async () => {
    const hostile = ["a b", "", "$(id)", "`id`", "';\"", "новый\nline", "-n", "*", "\\"];
    const request = on.fixture.request(
      { arguments: ["bash", "-c", 'printf "<%s>\\n" "$@" "$HOSTILE"', "bash", ...hostile] },
      { HOSTILE: "$(id)\n'\"", WORKSTATION_CORES: "999" },
    );
    await on.fixture.engine.create(request);
    await on.fixture.engine.admit([request]);
    const text = (await on.linesOf(request.spec.id)).map((line) => line.data).join("");
    expect(text).toBe([...hostile, "$(id)\n'\""].map((each) => `<${each}>\n`).join(""));
  });

  it("gets all that arguments and environment may take together", async () => {
    const long = (letter: string) => letter.repeat(longText);
    // Each with its final zero byte, as the kernel counts.
    const count = Math.floor(on.can.specificationBytes / (longText + 8));
    const letters = ["1", "2", ..."ABCDEFGHIJ"].slice(0, count);
    const [first = "", second = "", ...names] = letters;
    const script = `printf %s "$0$1${names.map((name) => `$${name}`).join("")}" | sha256sum`;
    const request = on.fixture.request(
      { arguments: ["bash", "-c", script, long(first), long(second)] },
      Object.fromEntries(names.map((name) => [name, long(name)])),
    );
    await on.fixture.engine.create(request);
    expect((await on.fixture.engine.admit([request])).get(request.spec.id)).toEqual({
      outcome: "admitted",
    });
    const text = (await on.linesOf(request.spec.id)).map((line) => line.data).join("");
    const whole = createHash("sha256").update(letters.map(long).join("")).digest("hex");
    expect(text).toBe(`${whole}  -\n`);
  });

  it("cannot replace what the entrypoint is told", async () => {
    const request = on.fixture.request(
      { arguments: ["bash", "-c", "echo $WORKSTATION_KIND $WORKSTATION_CORES $JOB_NAME"] },
      { WORKSTATION_KIND: "desktop", WORKSTATION_CORES: "999", JOB_NAME: "other" },
    );
    await on.fixture.engine.create(request);
    await on.fixture.engine.admit([request]);
    const text = (await on.linesOf(request.spec.id)).map((line) => line.data).join("");
    expect(text).toBe(`job 1 ${request.spec.name}\n`);
  });

  it("runs as its user, may write home and /tmp, and nothing of the system", async () => {
    const script = `id -u; id -g; pwd; touch ~/a /tmp/b /var/tmp/c && echo yes
        for path in / /etc /usr/bin; do touch $path/x 2>/dev/null && echo "wrote $path"; done; true`;
    expect(await on.outputOf(script)).toMatch(/^20001\n20001\n\/home\/[a-z]+\nyes\n$/);
  });
}
