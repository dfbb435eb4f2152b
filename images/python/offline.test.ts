import { shellInImage } from "@workstation/images/test";
import { expect, test } from "vitest";

/** Seconds; far more than a refusal takes on a busy machine, less than programs wait that try again and again. */
const patience = 5;

test.each([
  "wget -q http://example.org/",
  "curl -sS http://example.org/",
  "pip install nonexistent-package",
  "pip download nonexistent-package",
  "apt-get install -y hello",
  "uv pip install --python /usr/bin/python3 --target /tmp/x nonexistent-package",
  "udocker pull nonexistent:1",
])("without a network `%s` fails at once", async (command) => {
  const { stdout, stderr } = await shellInImage(
    `TIMEFORMAT='%R'; time { ${command} >/dev/null 2>/tmp/errors; code=$?; }; echo "$code"; cat /tmp/errors`,
  );
  const seconds = Number(/^(\d+\.\d+)$/m.exec(stderr)?.[1]);
  expect(Number(stdout.split("\n")[0]), stdout).not.toBe(0);
  expect(seconds, stdout).toBeLessThan(patience);
});
