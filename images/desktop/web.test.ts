import { noBrowser, openBrowser } from "@workstation/images/browser";
import {
  keepPng,
  startDesktop,
  startWebDesktop,
  type TestDesktop,
  waitForDesktop,
} from "@workstation/images/desktop";
import { expect, onTestFinished, test } from "vitest";

test("in a browser the desktop is seen, and a terminal does what is typed", async ({ skip }) => {
  skip(noBrowser !== undefined, noBrowser);
  const desktop = await startDesktop();
  onTestFinished(() => desktop.remove());
  await waitForDesktop(await desktop.connect());
  const clipboard = { in: true, out: false };
  const words = { title: "Desktop", kept: "", again: "", files: "" };
  const web = await startWebDesktop({ ...words, vnc: desktop.vnc, clipboard });
  onTestFinished(() => web.close());
  const browser = await openBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(web.link);
  await page.waitForSelector("body[data-connected] canvas");
  const screen = page.locator("#screen canvas");
  await expect.poll(() => coloursSeen(page), { timeout: 30_000 }).toBeGreaterThan(50);
  const before = await screen.screenshot();
  await page.keyboard.press("Control+Alt+t");
  await terminalRuns(desktop);
  await expect.poll(async () => before.equals(await screen.screenshot()), { timeout: 30_000 }).toBe(false);
  await expect
    .poll(
      async () => {
        await page.keyboard.type("echo seen >/tmp/seen\n");
        return (await desktop.shell("cat /tmp/seen")).stdout;
      },
      { timeout: 60_000, interval: 3000 },
    )
    .toBe("seen\n");
  console.log(`in the browser: ${keepPng(await page.screenshot(), "browser")}`);
});

/** How many colours the page shows, as the browser itself has drawn them. */
function coloursSeen(page: { readonly evaluate: (program: string) => Promise<unknown> }): Promise<unknown> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector("#screen canvas");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}

async function terminalRuns(desktop: TestDesktop): Promise<void> {
  const look = async () => (await desktop.shell("pgrep -x bash -P $(pgrep -o lxterminal)")).exitCode;
  await expect.poll(look, { timeout: 60_000 }).toBe(0);
}
