import {
  changeBetween,
  coloursOf,
  copyOf,
  isBlank,
  keepScreenshot,
  openTerminal,
  panelHeight,
  panelOf,
  startDesktop,
  type Terminal,
  type TestDesktop,
  type VncClient,
  waitForDesktop,
} from "@workstation/images/desktop";
import { site } from "@workstation/images/test";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

let desktop: TestDesktop;
let client: VncClient;

beforeAll(async () => {
  desktop = await startDesktop();
  client = await desktop.connect();
  await waitForDesktop(client);
});
afterAll(() => desktop?.remove());

beforeEach(({ task, onTestFailed }) => {
  onTestFailed(() => {
    console.log(`the screen at that moment: ${keepScreenshot(client.picture, `failed ${task.name}`)}`);
  });
});

/** Resolves when the shell has got as far as to make that file. */
async function made(path: string): Promise<void> {
  const look = async () => (await desktop.shell(`test -e ${path}`)).exitCode;
  await expect.poll(look, { timeout: 15_000 }).toBe(0);
}

/** What a file in the desktop holds, as soon as it has a line. */
async function line(path: string): Promise<string> {
  await expect
    .poll(async () => (await desktop.shell(`cat ${path}`)).stdout, { timeout: 15_000 })
    .toMatch(/\n$/);
  return (await desktop.shell(`cat ${path}`)).stdout;
}

test("the first screen shows a desktop of 1280 × 800", () => {
  expect([client.picture.width, client.picture.height]).toEqual([1280, 800]);
  expect(isBlank(client.picture)).toBe(false);
  console.log(`the desktop: ${keepScreenshot(client.picture, "desktop")}`);
});

test("the panel's menu opens with a click", async () => {
  const before = copyOf(client.picture);
  client.click(20, before.height - panelHeight / 2);
  const region = { x: 0, y: before.height - 170, width: 160, height: 140 };
  const opened = await client.waitForPicture(
    (picture) => (changeBetween(before, picture, region)?.pixels ?? 0) > 5000,
    { what: "the menu" },
  );
  keepScreenshot(opened, "menu");
  client.press("Escape");
  await client.waitForPicture((picture) => changeBetween(before, picture, region) === undefined, {
    what: "the menu's end",
  });
});

describe("in a terminal", () => {
  let terminal: Terminal;
  beforeAll(async () => {
    terminal = await openTerminal(client);
  });
  afterAll(() => terminal?.exit());

  test("its window stands in the picture and in the panel", async () => {
    const inPanel = { ...panelOf(client), x: 160, width: 180 };
    await client.waitForPicture((picture) => !isBlank(picture, inPanel), { what: "its name in the panel" });
    console.log(`a terminal: ${keepScreenshot(client.picture, "terminal")}`);
  });

  test("what is typed has its effect", async () => {
    client.type("echo $((6 * 7)) >/tmp/typed\n");
    expect(await line("/tmp/typed")).toBe("42\n");
  });

  test("keys of other keyboards arrive, as UTF-8", async () => {
    const text = "Grüße: ß é ñ ç å € Ω 日本 @ | ~ \\ { }";
    client.type("cat >/tmp/foreign\n");
    await made("/tmp/foreign");
    client.type(`${text}\n`);
    client.press("Control", "d");
    expect(await line("/tmp/foreign")).toBe(`${text}\n`);
  });

  test.each([
    ["plain", false, "Grüße $HOME"],
    ["extended", true, "Grüße, Ω 日本"],
  ])("a text is pasted in, in the %s encoding", async (name, extendedClipboard, text) => {
    const giver = await desktop.connect({ extendedClipboard });
    giver.paste(text);
    client.type(`cat >/tmp/pasted-${name}\n`);
    await made(`/tmp/pasted-${name}`);
    const before = await client.waitForQuiet(300, { what: "the command" });
    client.press("Control", "Shift", "v");
    await client.waitForPicture((each) => (changeBetween(before, each)?.width ?? 0) > 50, {
      what: "the text",
    });
    client.press("Return");
    client.press("Control", "d");
    expect(await line(`/tmp/pasted-${name}`)).toBe(`${text}\n`);
    giver.close();
  });
});

describe("out of the desktop no text is copied", () => {
  beforeEach(({ skip }) => skip(site.desktop.clipboard.out, "site.yaml allows copying out of the desktop"));

  /** Copies a word in a terminal, and proves by pasting it there that it was copied. */
  async function copyInside(word: string): Promise<void> {
    const terminal = await openTerminal(client);
    const { row } = terminal;
    client.type(`clear; printf '%s\\n' ${word}; cat >/tmp/${word}\n`);
    await made(`/tmp/${word}`);
    const before = await client.waitForQuiet(300, { what: "the word" });
    client.doubleClick(20, row(0).y + 8);
    await client.waitForPicture((each) => changeBetween(before, each, row(0)) !== undefined, {
      what: "a mark",
    });
    client.press("Control", "Shift", "c");
    client.press("Control", "Shift", "v");
    await client.waitForPicture((each) => coloursOf(each, row(1)).size > 5, { what: "the pasted word" });
    client.press("Return");
    client.press("Control", "d");
    const copied = await line(`/tmp/${word}`);
    keepScreenshot(client.picture, word);
    await terminal.exit();
    expect(copied).toBe(`${word}\n`);
  }

  test.each([
    ["as it starts", "untouched", ":"],
    [
      "after vncconfig was asked to allow it",
      "allowed",
      "vncconfig -set SendCutText=1; vncconfig -set SendPrimary=1",
    ],
  ])("%s", async (_when, word, attempt) => {
    await desktop.shell(attempt);
    const [extended, plain] = [await desktop.connect(), await desktop.connect({ extendedClipboard: false })];
    await copyInside(word);
    extended.requestClipboard();
    const { width, height } = extended.picture;
    for (const listener of [extended, plain]) {
      // The answer to this comes after all that was to be said before.
      await listener.resize(width, height);
      expect(listener.clipboardWords.filter(({ kind }) => kind !== "caps")).toEqual([]);
      listener.close();
    }
    expect((await desktop.shell("vncconfig -get SendCutText")).stdout.trim()).toBe("0");
  });
});

test("the screen takes the size of the client's window, and the panel follows", async () => {
  await client.resize(1440, 900);
  await waitForDesktop(client);
  console.log(`resized: ${keepScreenshot(client.picture, "resized")}`);
  expect([client.picture.width, client.picture.height]).toEqual([1440, 900]);
});
