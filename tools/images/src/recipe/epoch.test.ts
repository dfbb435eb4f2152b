import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildEpoch } from "./epoch.ts";

test("build steps give the time that is written down", () => {
  const step = readFileSync(join(import.meta.dirname, "build-step.sh"), "utf8");
  expect(step).toContain(`\nexport SOURCE_DATE_EPOCH=${buildEpoch}\n`);
  expect(new Date(buildEpoch * 1000).toISOString()).toBe("2026-01-01T00:00:00.000Z");
});
