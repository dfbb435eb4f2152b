import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { noBrowser, openBrowser } from "../image-tests/browser.ts";
import { coloursOf } from "../rfb/picture.ts";
import { connectVnc } from "../rfb/vnc-client.ts";
import { noXvnc, startXvnc, type TestVncServer } from "../testing/start-xvnc.ts";
import { startWebDesktop, type WebDesktop } from "./start-web-desktop.ts";

vi.setConfig({ testTimeout: 60_000 });
const missing = noXvnc ?? noBrowser;
let server: TestVncServer;
let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), "web-desktop-"));
beforeAll(async () => {
  if (missing === undefined) [server, browser] = await Promise.all([startXvnc(), openBrowser()]);
}, 60_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  if (missing === undefined) await Promise.all([server.stop(), browser.close()]);
});
beforeEach(({ skip }) => skip(missing !== undefined, missing));

const words = {
  title: "Desktop of <ana>",
  kept: "ana's persistent-home is kept",
  again: "images run x --web",
  files: "by SFTP",
};

async function desktop(clipboard = { in: true, out: false }): Promise<WebDesktop> {
  const started = await startWebDesktop({ ...words, vnc: server, clipboard });
  onTestFinished(() => started.close());
  return started;
}

async function freshPage(): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 900, height: 700 },
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(15_000);
  onTestFinished(() => context.close());
  return context.newPage();
}

/** Opens the link, and resolves when the desktop is connected. */
async function opened(link: string, page?: Page): Promise<Page> {
  const used = page ?? (await freshPage());
  await used.goto(link);
  await used.waitForSelector("body[data-connected] canvas");
  return used;
}

/** A key of a keyboard that is not American: its place and its character, as the browser reports both. */
async function pressForeign(page: Page, key: { readonly key: string; readonly code: string }): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Input.dispatchKeyEvent", { type: "keyDown", ...key });
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
}

const paste = "XTerm*vt100.translations: #override Ctrl<Key>v: insert-selection(CLIPBOARD)";
const terminalOptions = ["-u8", "-xrm", paste, "-bg", "#203040"];

test("in a browser the desktop is seen in the browser's size, a terminal is typed into and pasted into", async () => {
  const page = await opened((await desktop()).link);
  expect(await page.title()).toBe("Desktop of <ana>");
  const watcher = await connectVnc(server);
  onTestFinished(() => watcher.close());
  await watcher.waitForPicture(({ width, height }) => width === 900 && height === 700, { what: "the size" });
  const file = join(folder, "typed");
  const terminal = server.run(
    "xterm",
    ...terminalOptions,
    "-e",
    `read -r a; read -r b; echo "$a, $b" >${file}`,
  );
  await watcher.waitForPicture((each) => (coloursOf(each).get(0x203040) ?? 0) > 5000, {
    what: "the terminal",
  });
  await page.mouse.click(100, 100);
  await page.keyboard.type('echo "$HOME" ');
  await pressForeign(page, { key: "ß", code: "Minus" });
  await pressForeign(page, { key: "€", code: "KeyE" });
  await page.keyboard.press("Enter");
  await page.evaluate('navigator.clipboard.writeText("pasted Ω\\n")');
  await page.keyboard.press("Control+v");
  await terminal;
  expect(await readFile(file, "utf8")).toBe('echo "$HOME" ß€, pasted Ω\n');
});

test("the browser never hears the password, and what a program copies stays there", async () => {
  const { link } = await desktop();
  const page = await freshPage();
  const heard: string[] = [];
  page.on("request", (request) => heard.push(request.url(), request.postData() ?? ""));
  page.on("response", async (response) => heard.push(await response.text().catch(() => "")));
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => heard.push(payload.toString("latin1")));
    socket.on("framereceived", ({ payload }) => heard.push(payload.toString("latin1")));
  });
  await opened(link, page);
  await page.evaluate('navigator.clipboard.writeText("mine")');
  const listener = await connectVnc(server);
  onTestFinished(() => listener.close());
  void server.run("bash", "-c", "printf theirs | xclip -selection clipboard -loops 3 -quiet");
  await listener.waitForClipboard((word) => word.text === "theirs", { what: "the copied text" });
  expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe("mine");
  expect(heard.filter((text) => text.includes(server.password.slice(0, 8)))).toEqual([]);
  expect(heard.length).toBeGreaterThan(50);
});

test("where the site allows it, what a program copies arrives", async () => {
  const page = await opened((await desktop({ in: true, out: true })).link);
  void server.run("bash", "-c", "printf given | xclip -selection clipboard -loops 3 -quiet");
  await expect.poll(() => page.evaluate<string>("navigator.clipboard.readText()")).toBe("given");
});

test("a desktop that goes away and comes back is found again", async () => {
  const own = await startXvnc();
  const started = await startWebDesktop({ ...words, vnc: own, clipboard: { in: true, out: false } });
  onTestFinished(() => started.close());
  const page = await opened(started.link);
  await own.stop();
  await page.waitForSelector("text=does not answer");
  const back = await startXvnc("-rfbport", String(own.port));
  onTestFinished(() => back.stop());
  await page.waitForSelector("body[data-connected]", { timeout: 15_000 });
});

test.each([
  ["while it is looked at", false],
  ["after the picture has gone", true],
])(
  "a desktop that ends %s is said to have ended, with what is kept and how to start it again",
  async (_when, gone) => {
    const own = gone ? await startXvnc() : server;
    const started = await startWebDesktop({ ...words, vnc: own, clipboard: { in: true, out: false } });
    onTestFinished(() => started.close());
    const page = await opened(started.link);
    if (gone) {
      await own.stop();
      await page.waitForSelector("text=does not answer");
    }
    await started.end("It was ended from inside.");
    await page.waitForSelector("#ended:not([hidden])");
    const said = await page.textContent("body");
    for (const part of ["has ended", "from inside", words.kept, words.again]) expect(said).toContain(part);
    expect(said).not.toContain("trying again");
  },
);

test("a page that was never opened, or was closed, is not waited for longer than it is said", async () => {
  const started = await desktop();
  await started.end("over");
  const other = await desktop();
  const page = await opened(other.link);
  await page.close();
  await other.end("over", 50);
  await expect(fetch(other.link)).rejects.toThrow();
});

test("a file that is dropped does not take the desktop's place, and how files come in is said", async () => {
  const page = await opened((await desktop()).link);
  const prevented = await page.evaluate(`(() => {
    const drop = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() });
    document.getElementById("screen").dispatchEvent(drop);
    return drop.defaultPrevented;
  })()`);
  expect(prevented).toBe(true);
  await page.waitForSelector("text=by SFTP");
  await page.click("text=Back to the desktop");
  expect(await page.isVisible("#files")).toBe(false);
});
