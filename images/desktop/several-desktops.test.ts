import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  captureWithVncdotool,
  changeBetween,
  copyOf,
  keepScreenshot,
  openTerminal,
  readPicture,
  startDesktop,
  type TestDesktop,
  waitForDesktop,
  witnessLimitMs,
} from "@workstation/images/desktop";
import { paths } from "@workstation/images/test";
import { afterAll, beforeAll, expect, test } from "vitest";

const home = mkdtempSync(join(tmpdir(), "persistent-home-"));
const binds = [{ source: home, target: paths.persistentHome, readOnly: false }];
let first: TestDesktop;

beforeAll(async () => {
  chmodSync(home, 0o777);
  first = await startDesktop({ binds });
});
afterAll(async () => {
  await first?.remove();
  rmSync(home, { recursive: true });
});

function written(name: string): string {
  const file = join(home, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

test("a client that nobody here wrote sees the same picture", {
  timeout: witnessLimitMs,
}, async (context) => {
  const client = await first.connect();
  await waitForDesktop(client);
  client.click(700, 100);
  const ours = await client.waitForQuiet(500, { what: "a still picture" });
  const file = join(home, "..", `witness-${process.pid}.png`);
  const missing = await captureWithVncdotool(first.vnc, file);
  context.skip(missing !== undefined, missing);
  const theirs = readPicture(file);
  rmSync(file);
  // Pointers are drawn by the client or not at all, and a minute may pass.
  expect(changeBetween(ours, theirs)?.pixels ?? 0).toBeLessThan(2000);
  keepScreenshot(theirs, "seen by vncdotool");
  client.close();
});

test("a second desktop on the same home works beside the first", async () => {
  const second = await startDesktop({ binds });
  try {
    const clients = [await first.connect(), await second.connect()];
    for (const [index, client] of clients.entries()) {
      await waitForDesktop(client);
      const terminal = await openTerminal(client);
      client.type(`echo desktop ${index} >>~/persistent-home/both\n`);
      await expect.poll(() => written("both"), { timeout: 15_000 }).toContain(`desktop ${index}`);
      keepScreenshot(copyOf(client.picture), `one home, desktop ${index}`);
      await terminal.exit();
    }
  } finally {
    await second.remove();
  }
});

test("init.sh runs beside the desktop, which does not wait for it", async () => {
  writeFileSync(join(home, "init.sh"), "sleep 600\n");
  const desktop = await startDesktop({ binds });
  try {
    await waitForDesktop(await desktop.connect());
    expect((await desktop.shell("workstation-init-status")).stdout).toBe("running\n");
  } finally {
    await desktop.remove();
    rmSync(join(home, "init.sh"));
  }
});
