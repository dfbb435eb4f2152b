import { expect, test } from "vitest";
import { printable, redact } from "./redact.ts";
import { createReporter } from "./reporter.ts";
import { runCommand } from "./run-command.ts";
import { formatBytes, formatClock, formatDuration, parseBytes, parseDuration } from "./units.ts";
import { exitCodes, UserError } from "./user-error.ts";

test("sizes and durations are read with their units", () => {
  expect([parseBytes("32GB"), parseBytes("512 MiB"), parseBytes("1.5kB")]).toEqual([32e9, 536870912, 1500]);
  expect([parseDuration("16h"), parseDuration("90m"), parseDuration("45s")]).toEqual([57600, 5400, 45]);
});

test.each(["32", "32gb", "-1GB", "GB", "1 constructor", ""])("the size %j is refused by name", (text) => {
  expect(() => parseBytes(text)).toThrow(`"${text}"`);
});

test("sizes and durations are written for a reader", () => {
  expect([formatBytes(32e9), formatBytes(1500), formatBytes(12)]).toEqual(["32 GB", "1.5 kB", "12 B"]);
  expect([formatClock(2467), formatDuration(0.85), formatDuration(185), formatDuration(57600)]).toEqual([
    "00:41:07",
    "850 ms",
    "3 min 5 s",
    "16 h",
  ]);
});

test("secrets never reach what is printed", () => {
  const text = redact('HUB_PASSWORD=abc http://bob:hunter2@hub/x Authorization: Bearer eyJ {"token":"t0"}');
  expect(text).not.toMatch(/abc|hunter2|eyJ|t0/);
});

test("a stranger's text cannot drive the terminal", () => {
  expect(printable("a\u001b[31mb\r\n")).toBe("a\\u001b[31mb\\u000d\n");
  const unseen = "\u0085\u009b\u061c\u200b\u200e\u200f\u202a\u202e\u2028\u2066\u2069\ufeff";
  expect(printable(unseen)).toMatch(/^(?:\\u[0-9a-f]{4}){12}$/);
  expect(JSON.parse(printable(JSON.stringify(unseen)))).toBe(unseen);
  expect(printable("plain ü€𝕏 العربية")).toBe("plain ü€𝕏 العربية");
});

test("a fault of the user is a sentence with a way out and its own exit code", async () => {
  const printed: string[] = [];
  const fault = new UserError("X", 'no flavor "big"', {
    hint: "flavors: no-gpu",
    exitCode: exitCodes.tryLater,
  });
  const code = await runCommand(() => Promise.reject(fault), { write: (text) => printed.push(text) });
  expect([code, printed.join("")]).toEqual([75, 'error: no flavor "big"\n  flavors: no-gpu\n']);
});

test("a fault of the program shows where it happened", async () => {
  const printed: string[] = [];
  const code = await runCommand(() => Promise.reject(new Error("boom")), {
    write: (text) => printed.push(text),
  });
  expect(code).toBe(exitCodes.bug);
  expect(printed.join("")).toContain("cli.test.ts");
});

test("a step says what it does and how long it took", async () => {
  const printed: string[] = [];
  let clock = 0;
  const reporter = createReporter({ write: (text) => printed.push(text) }, () => clock);
  await reporter.step("Build the image", async (inner) => {
    inner.info("layer python");
    clock = 4200;
  });
  expect(printed.join("")).toBe("- Build the image\n  layer python\n  done: Build the image (4.2 s)\n");
});

test("progress without a terminal is one line in ten seconds", () => {
  const printed: string[] = [];
  let clock = 0;
  const reporter = createReporter({ write: (text) => printed.push(text) }, () => clock);
  for (clock = 0; clock < 25_000; clock += 1000) reporter.progress(`at ${clock}`);
  expect(printed).toEqual(["at 0\n", "at 10000\n", "at 20000\n"]);
});

test("a reporter shows no secret, and what a stranger wrote cannot drive the terminal", async () => {
  const printed: string[] = [];
  const reporter = createReporter({ write: (text) => printed.push(text) });
  const strange = "its words: \u001b[2J https://bob:hunter2@hub/ token=t0";
  const safe = "its words: \\u001b[2J https://[redacted]@hub/ token=[redacted]";
  await reporter.step(strange, async (inner) => {
    inner.info(strange);
    inner.warn(strange);
    inner.progress(strange);
  });
  const text = printed.join("");
  expect([text.split(safe).length - 1, text.includes("\u001b")]).toEqual([5, false]);
  expect(text).not.toMatch(/hunter2|t0/);
});
