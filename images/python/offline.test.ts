import { shellInImage } from "@workstation/images/test";
import { expect, test } from "vitest";

/** Seconds after which a command counts as hanging; how long a refusal takes on a busy machine decides nothing. */
const patience = 60;

test.each([
  "wget -q http://example.org/",
  "curl -sS http://example.org/",
  "pip install nonexistent-package",
  "pip download nonexistent-package",
  "apt-get install -y hello",
  "uv pip install --python /usr/bin/python3 --target /tmp/x nonexistent-package",
  "udocker pull nonexistent:1",
])("without a network `%s` gives up at once: it does not try again and again", async (command) => {
  const { exitCode, stdout } = await shellInImage(`timeout ${patience} ${command} 2>&1`);
  expect([0, 124], stdout).not.toContain(exitCode);
  expect((stdout.match(/Retrying/g) ?? []).length, stdout).toBeLessThanOrEqual(1);
  expect(stdout).not.toMatch(/after ([2-9]|\d\d+) retries/);
});
