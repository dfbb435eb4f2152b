import { describe, expect, test } from "vitest";
import { type PlainStart, preparePlainStart } from "../plain-start.ts";

/** Whether each of these ends, at seconds of the script's clock, was one too many. */
async function ends(start: PlainStart, ...seconds: readonly number[]): Promise<string> {
  const line = `. ${start.root}/usr/local/lib/workstation/desktop/ends.sh
    for second in ${seconds.join(" ")}; do
      SECONDS=$second; ended_too_often panel && echo too often || echo again
    done`;
  return (await start.start(["bash", "-c", line], { script: "/usr/bin/env" })).stdout;
}

describe("what ends again and again", () => {
  test("is given up at the fifth end within a minute", async () => {
    expect(await ends(await preparePlainStart(), 0, 10, 20, 30, 59)).toBe(
      `${"again\n".repeat(4)}too often\n`,
    );
  });

  test("is borne however often it ends, when no minute has five", async () => {
    const everyHalfMinute = Array.from({ length: 12 }, (_, index) => index * 30);
    expect(await ends(await preparePlainStart(), ...everyHalfMinute)).toBe("again\n".repeat(12));
  });

  test("is given up for the last minute, whatever was before", async () => {
    const late = [0, 40, 100, 101, 102, 103, 104];
    expect(await ends(await preparePlainStart(), ...late)).toBe(`${"again\n".repeat(6)}too often\n`);
  });

  test("counts for itself alone", async () => {
    const start = await preparePlainStart();
    const line = `. ${start.root}/usr/local/lib/workstation/desktop/ends.sh
      for name in a b a b a b a b; do ended_too_often $name && echo $name; done; true`;
    expect((await start.start(["bash", "-c", line], { script: "/usr/bin/env" })).stdout).toBe("");
  });
});
