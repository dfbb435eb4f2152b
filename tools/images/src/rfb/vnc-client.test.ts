import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decode } from "fast-png";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { noXvnc, startXvnc, type TestVncServer } from "../testing/start-xvnc.ts";
import { changeBetween, coloursOf, isBlank, pngOf } from "./picture.ts";
import { connectVnc, type VncClient } from "./vnc-client.ts";

describe("against a real Xvnc", () => {
  let server: TestVncServer;
  const folder = mkdtempSync(join(tmpdir(), "vnc-client-"));
  beforeAll(async () => {
    if (noXvnc === undefined) server = await startXvnc();
  });
  beforeEach(({ skip }) => skip(noXvnc !== undefined, noXvnc));
  afterAll(async () => {
    if (noXvnc === undefined) await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function client(options: Parameters<typeof connectVnc>[1] = {}): Promise<VncClient> {
    const connected = await connectVnc(server, options);
    onTestFinished(() => connected.close());
    return connected;
  }

  test("a screen on which nothing is, is blank", async () => {
    const { picture } = await client();
    expect([picture.width, picture.height]).toEqual([800, 600]);
    expect(isBlank(picture)).toBe(true);
  });

  test("a wrong password is refused, with the server's words", async () => {
    const wrong = connectVnc({ ...server, password: "sesame" });
    await expect(wrong).rejects.toMatchObject({
      code: "VNC_REFUSED",
      message: expect.stringMatching(/fail/i),
    });
  });

  describe("one that blocks addresses", () => {
    let blocking: TestVncServer;
    beforeAll(async () => {
      if (noXvnc === undefined) blocking = await startXvnc("-BlacklistThreshold=3", "-BlacklistTimeout=600");
    });
    afterAll(() => blocking?.stop());

    test("says so to the one with the right password, and that is what is told", async () => {
      const wrong = { ...blocking, password: "sesame" };
      for (let tries = 0; tries < 5; tries += 1) await connectVnc(wrong).catch(() => undefined);
      await expect(connectVnc(blocking)).rejects.toMatchObject({
        code: "VNC_REFUSED",
        message: "the VNC server refused: Too many security failures",
      });
    });
  });

  test("a server that asks for a password is not met without", async () => {
    await expect(connectVnc({ ...server, password: undefined })).rejects.toMatchObject({
      code: "VNC_REFUSED",
    });
  });

  test("where nobody listens, the error says where", async () => {
    await expect(connectVnc({ ...server, port: 9 })).rejects.toThrow("no VNC server answers at 127.0.0.1:9");
  });

  test("a window appears in the picture, and its place is found", async () => {
    const watcher = await client();
    const before = watcher.picture.pixels.slice();
    const blank = { ...watcher.picture, pixels: before };
    const terminal = server.run(
      "xterm",
      "-geometry",
      "20x5+100+50",
      "-bw",
      "0",
      "-bg",
      "#123456",
      "-e",
      "sleep 600",
    );
    const picture = await watcher.waitForPicture((each) => (coloursOf(each).get(0x123456) ?? 0) > 5000, {
      what: "the terminal",
    });
    expect(changeBetween(blank, picture)).toMatchObject({ x: 100, y: 50 });
    expect(changeBetween((await client()).picture, picture), "seen by who comes later").toBeUndefined();
    const { width, height, data } = decode(pngOf(picture));
    expect([width, height, data.length]).toEqual([800, 600, 800 * 600 * 3]);
    await server.run("pkill", "-f", "sleep 600");
    await terminal;
    await watcher.waitForPicture(isBlank, { what: "the end of the terminal" });
  });

  test.each(['plain words, $PATH; "q"', "Grüße: ß é ñ €, Ω, 日本"])("types %j", async (text) => {
    const typist = await client();
    const file = join(folder, "typed");
    const terminal = server.run(
      "xterm",
      "-u8",
      "-bg",
      "#203040",
      "-e",
      `read -r line; printf %s "$line" >${file}`,
    );
    await typist.waitForPicture((each) => (coloursOf(each).get(0x203040) ?? 0) > 5000, {
      what: "the terminal",
    });
    typist.click(100, 100);
    typist.type(`${text}\n`);
    await terminal;
    expect(await readFile(file, "utf8")).toBe(text);
  });

  test("gives the server a text, in the old encoding only Latin-1", async () => {
    const modern = await client();
    modern.paste("Grüße, Ω\nzwei");
    await expect.poll(() => server.run("xclip", "-o", "-selection", "clipboard")).toBe("Grüße, Ω\nzwei");
    const old = await client({ extendedClipboard: false });
    old.paste("Grüße, Ω");
    await expect.poll(() => server.run("xclip", "-o", "-selection", "clipboard")).toBe("Grüße, ?");
  });

  test.each([true, false])(
    "hears what a program copies (extended encoding: %j)",
    async (extendedClipboard) => {
      const listener = await client({ extendedClipboard });
      const text = extendedClipboard ? "copied Ω" : "copied ü";
      server.run("bash", "-c", `printf %s '${text}' | xclip -selection clipboard -loops 3 -quiet`);
      const word = await listener.waitForClipboard((each) => each.text !== undefined, { what: "the text" });
      expect(word).toEqual({ kind: extendedClipboard ? "provide" : "plain", text });
    },
  );

  test("the screen takes another size, and is seen whole", async () => {
    const user = await client();
    await user.resize(1024, 700);
    const { width, height } = await user.waitForPicture((each) => each.width === 1024, {
      what: "the size",
    });
    expect([width, height]).toEqual([1024, 700]);
    await user.resize(800, 600);
  });

  test("a server that ends is an error of whoever waits", async () => {
    const ended = await startXvnc();
    const lonely = await connectVnc(ended);
    const waiting = lonely.waitForPicture(() => false, { what: "nothing" });
    await Promise.all([ended.stop(), expect(waiting).rejects.toThrow("closed the connection")]);
  });
});
