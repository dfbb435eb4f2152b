import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { runLogged } from "./run-logged.ts";

describe("a set-up program", () => {
  const folder = mkdtempSync(join(tmpdir(), "workstation-logged-"));
  const log = join(folder, "deeper/log");

  afterAll(() => rmSync(folder, { recursive: true }));

  test("gives what it says to its caller, and all of it to the log, one run after the other", async () => {
    const environment = { WORD: "said" };
    expect(await runLogged(["sh", "-c", 'echo "$WORD"; echo warned >&2'], { log, environment })).toBe("said");
    await runLogged(["echo", "again"], { log });
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines.slice(0, 2).sort()).toEqual(["said", "warned"]);
    expect(lines[2]).toBe("again");
  });

  test("that fails is told with its arguments, its end, its last words and where all are", async () => {
    await expect(runLogged(["sh", "-c", "echo broken >&2; exit 3"], { log })).rejects.toMatchObject({
      code: "COMMAND_FAILED",
      message: "sh -c echo broken >&2; exit 3 ended with 3:\nbroken",
      hint: `its whole output is in ${log}`,
    });
  });

  test("that is not there is a failure, too", async () => {
    await expect(runLogged(["no-such-program"], { log })).rejects.toMatchObject({ code: "COMMAND_FAILED" });
  });
});
