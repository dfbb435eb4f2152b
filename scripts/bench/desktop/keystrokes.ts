import { openBrowser } from "@workstation/images/browser";
import {
  changeBetween,
  coloursOf,
  copyOf,
  openTerminal,
  type Region,
  type VncAddress,
  type VncClient,
} from "@workstation/images/desktop";
import { connectVnc } from "../../../tools/images/src/rfb/vnc-client.ts";
import { startWebDesktop } from "../../../tools/images/src/web/start-web-desktop.ts";

const rounds = 60;
const patience = { what: "the letter or its end" };

/** Opens a terminal whose first row is empty and has no blinking cursor: what changes there is a letter. */
export async function emptyRow(client: VncClient): Promise<Region> {
  const terminal = await openTerminal(client);
  client.type("printf '\\e[?25l'; clear; PS1=\n");
  const row = terminal.row(0);
  await client.waitForPicture((picture) => coloursOf(picture, row).size === 1, {
    what: "an empty row",
    limitMs: 30_000,
  });
  await client.waitForQuiet(1000, { what: "the empty terminal" });
  return row;
}

/** From the key that leaves a VNC client to the picture with its letter, in milliseconds, many times. */
export async function keystrokesOverVnc(vnc: VncAddress, row: Region): Promise<readonly number[]> {
  const client = await connectVnc(vnc);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = copyOf(client.picture);
    const changed = () => changeBetween(before, client.picture, row) !== undefined;
    const started = performance.now();
    client.press("m");
    await client.waitForPicture(changed, patience);
    times.push(performance.now() - started);
    client.press("BackSpace");
    await client.waitForPicture(() => !changed(), patience);
    await pause(round);
  }
  client.close();
  return times;
}

/** The same in a browser, from its own time of the key's event to the frame in which the letter stands on the page. */
export async function keystrokesInBrowser(vnc: VncAddress, row: Region): Promise<readonly number[]> {
  const desktop = await startWebDesktop({
    ...{ title: "bench", kept: "", again: "", files: "" },
    vnc,
    clipboard: { in: true, out: false },
  });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(desktop.link);
    await page.waitForSelector("body[data-connected] canvas");
    await page.waitForTimeout(2000); // the whole first picture, and the browser's own start
    await page.evaluate(watchRow(row));
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await page.keyboard.press("m");
      times.push(await page.evaluate<number>("seen()"));
      await page.keyboard.press("Backspace");
      await page.evaluate<number>("seen()");
      await pause(round);
    }
    return times;
  } finally {
    await browser.close();
    await desktop.close();
  }
}

/** A program for the page: looks at the row in every frame; `seen()` answers how long after a key it changed. */
function watchRow({ x, y, width, height }: Region): string {
  return `{
    const canvas = document.querySelector("#screen canvas");
    const look = () => canvas.getContext("2d").getImageData(${x}, ${y}, ${width}, ${height}).data;
    let before = look();
    let pressed;
    let answer = Promise.withResolvers();
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
    const frame = () => {
      requestAnimationFrame(frame);
      if (pressed === undefined) return;
      const now = look();
      if (now.every((value, index) => value === before[index])) return;
      before = now;
      answer.resolve(performance.now() - pressed);
      pressed = undefined;
    };
    frame();
    globalThis.seen = async () => {
      const time = await answer.promise;
      answer = Promise.withResolvers();
      return time;
    };
  }`;
}

/** Not in step with anything that repeats itself. */
function pause(round: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20 + ((round * 37) % 50)));
}
