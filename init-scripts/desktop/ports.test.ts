import { readFileSync } from "node:fs";
import { join } from "node:path";
import { desktopPorts } from "@workstation/site";
import { expect, test } from "vitest";

test("the scripts listen where the tools look for them", () => {
  const text = readFileSync(join(import.meta.dirname, "ports.sh"), "utf8");
  expect(text).toContain(`vnc_port=${desktopPorts.vnc} sftp_port=${desktopPorts.ssh}\n`);
});
