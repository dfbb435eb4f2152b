import { join } from "node:path";
import {
  keepScreenshot,
  type Listener,
  listenBeside,
  startDesktop,
  type TestDesktop,
  waitForPanel,
} from "@workstation/images/desktop";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MenuEntry, menuEntries, startEntry, windowCount } from "./menu-entries.ts";

/** Ten minutes at night; what calls home does so soon after its start. */
const silenceSeconds = Number(process.env.WORKSTATION_SILENCE_SECONDS ?? 30);

let desktop: TestDesktop;
let listener: Listener;
let entries: readonly MenuEntry[];

beforeAll(async () => {
  desktop = await startDesktop();
  const client = await desktop.connect();
  await waitForPanel(client);
  client.close();
  listener = await listenBeside(desktop.id, join(import.meta.dirname, "sniff.py"));
  entries = await menuEntries(desktop);
});
afterAll(async () => {
  await listener?.remove();
  await desktop?.remove();
});

test("the menu has what a researcher looks for, and nothing that means nothing here", () => {
  const ids = entries.map(({ id }) => id).filter((id) => !/^(itksnap|workstation-jupyter)-/.test(id));
  expect(ids).toEqual([
    "aeskulap.desktop",
    "gpicview.desktop",
    "l3afpad.desktop",
    "mricron.desktop",
    "vim.desktop",
    "workstation-browser.desktop",
    "workstation-files.desktop",
    "workstation-shutdown.desktop",
    "workstation-terminal.desktop",
    "xarchiver.desktop",
  ]);
});

test("every program of the menu opens its window, and in all that time no packet leaves the desktop", async () => {
  for (const entry of entries) {
    const before = await windowCount(desktop);
    await startEntry(desktop, entry);
    if (opensInBrowser(entry)) continue;
    await expect
      .poll(() => windowCount(desktop), { timeout: 240_000, interval: 500, message: entry.id })
      .toBeGreaterThan(before);
  }
  // A program may have opened two windows while the one before was slow.
  await expect
    .poll(() => windowCount(desktop), { timeout: 240_000, interval: 500 })
    .toBeGreaterThanOrEqual(entries.filter((entry) => !opensInBrowser(entry)).length);
  await new Promise((resolve) => setTimeout(resolve, silenceSeconds * 1000));
  const client = await desktop.connect();
  keepScreenshot(client.picture, "all programs of the menu");
  client.close();
  expect(await listener.lines()).toEqual([]);
}, 1_500_000);

/** Jupyter has a tab in the browser that is open, and no window of its own. */
function opensInBrowser(entry: MenuEntry): boolean {
  return entry.id.startsWith("workstation-jupyter-");
}

test("a program that does reach for a name or an address is seen", async () => {
  await desktop.shell(
    'python3 -c \'import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 9))\'; getent hosts telemetry.example.org',
  );
  await expect.poll(() => listener.lines(), { timeout: 15_000 }).toContain("a packet for the Internet");
  await expect.poll(async () => (await listener.lines()).join("\n")).toContain("telemetry.example.org");
});
