import * as message from "./client-messages.ts";
import * as clipboard from "./clipboard.ts";
import { openVnc, type VncAddress, type VncConnection } from "./handshake.ts";
import { type Key, keysymOf } from "./keysyms.ts";
import { blackPicture, copyOf, type Picture } from "./picture.ts";
import { readServerMessage, type Screen } from "./server-messages.ts";

/** How a client presents itself. */
export interface VncOptions {
  /** Whether it can the extended clipboard, without which only Latin-1 passes. Default: yes. */
  readonly extendedClipboard?: boolean;
}

/** How long to wait, and what for in the words of the error. */
export interface Patience {
  readonly what: string;
  /** Default: 10 s. */
  readonly limitMs?: number;
}

const defaultLimitMs = 10_000;

/** Connects to a VNC server, which others may use at the same time, and resolves when its whole screen has arrived. */
export async function connectVnc(address: VncAddress, options: VncOptions = {}): Promise<VncClient> {
  const connection = await openVnc(address);
  try {
    const client = new VncClient(connection, await initialise(connection));
    await client.start(options);
    return client;
  } catch (error) {
    connection.socket.destroy();
    throw error;
  }
}

/** Shares the screen with whoever is there; answers its size. The rest of the server's words is skipped. */
async function initialise({ socket, reader }: VncConnection): Promise<Screen> {
  socket.write(Buffer.of(1));
  const head = await reader.read(20);
  await reader.text();
  return {
    picture: blackPicture(head.readUInt16BE(0), head.readUInt16BE(2)),
    received: 0,
    resizeAnswers: [],
  };
}

function inVain({ what, limitMs = defaultLimitMs }: Patience): Error {
  return new Error(`waited ${limitMs / 1000} s in vain for ${what}`);
}

/** A person in front of a remote screen: sees it, types, points, pastes. Its picture is always the latest. */
export class VncClient {
  /** What the server said about its clipboard, in order. */
  readonly clipboardWords: clipboard.ClipboardWord[] = [];
  readonly #connection: VncConnection;
  readonly #screen: Screen;
  readonly #waiting = new Set<() => void>();
  #updates = 0;
  #fault: Error | undefined;
  #toPaste = "";
  #extended = false;

  constructor(connection: VncConnection, screen: Screen) {
    this.#connection = connection;
    this.#screen = screen;
  }

  get picture(): Picture {
    return this.#screen.picture;
  }

  async start({ extendedClipboard = true }: VncOptions): Promise<void> {
    const { extendedClipboard: extended, ...others } = message.encodings;
    const wanted = Object.values(others);
    this.#send(message.setPixelFormat());
    this.#send(message.setEncodings(extendedClipboard ? [...wanted, extended] : wanted));
    this.#send(message.updateRequest(this.picture, false));
    this.#follow().catch((error: Error) => this.#end(error));
    await this.#until(() => this.#isWhole() || undefined, { what: "the first picture" });
  }

  /** Resolves with a copy of the first picture for which `wanted` is true: the present one, or one to come. */
  waitForPicture(wanted: (picture: Picture) => boolean, patience: Patience): Promise<Picture> {
    const look = () => (this.#isWhole() && wanted(this.picture) ? copyOf(this.picture) : undefined);
    return this.#until(look, patience);
  }

  /** Resolves with a copy of the picture when nothing was drawn for so long: what was to appear has appeared. */
  async waitForQuiet(quietMs: number, patience: Patience): Promise<Picture> {
    const deadline = performance.now() + (patience.limitMs ?? defaultLimitMs);
    for (;;) {
      const before = this.#updates;
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      if (this.#updates === before) return copyOf(this.picture);
      if (performance.now() > deadline) throw inVain(patience);
    }
  }

  waitForClipboard(
    wanted: (word: clipboard.ClipboardWord) => boolean,
    patience: Patience,
  ): Promise<clipboard.ClipboardWord> {
    return this.#until(() => this.clipboardWords.find(wanted), patience);
  }

  /** Types a text, character by character; every keyboard's are there, `\n` is the Return key. */
  type(text: string): void {
    for (const character of text) this.press(character);
  }

  /** Presses keys together, as in `press("Control", "v")`, and lets them go. */
  press(...keys: readonly Key[]): void {
    const keysyms = keys.map(keysymOf);
    const events = [
      ...keysyms.map((keysym) => message.keyEvent(keysym, true)),
      ...keysyms.toReversed().map((keysym) => message.keyEvent(keysym, false)),
    ];
    this.#send(Buffer.concat(events));
  }

  /** Moves the pointer there and clicks. `button`: 1 left, 2 middle, 3 right. */
  click(x: number, y: number, button: 1 | 2 | 3 = 1): void {
    const buttons = [0, 1 << (button - 1), 0];
    this.#send(Buffer.concat(buttons.map((pressed) => message.pointerEvent(x, y, pressed))));
  }

  doubleClick(x: number, y: number): void {
    this.click(x, y);
    this.click(x, y);
  }

  /** Gives the server a text for its clipboard. */
  paste(text: string): void {
    this.#toPaste = text;
    this.#send(this.#extended ? clipboard.notification() : clipboard.plainCutText(text));
  }

  /** Asks for what the server has in its clipboard, as a client of the extended clipboard may at any time. */
  requestClipboard(): void {
    this.#send(clipboard.request());
  }

  /** Asks for a screen of this size; resolves when the server has granted it. */
  async resize(width: number, height: number): Promise<void> {
    const before = this.#screen.resizeAnswers.length;
    this.#send(message.setDesktopSize(width, height));
    const answer = await this.#until(() => this.#screen.resizeAnswers[before], {
      what: "an answer about the size",
    });
    if (answer !== 0) throw new Error(`the VNC server refused the size ${width} × ${height} (${answer})`);
  }

  close(): void {
    this.#connection.socket.destroy();
  }

  /** An update is always asked for, so that a change is sent as soon as it is there. */
  async #follow(): Promise<never> {
    for (;;) {
      const { picture } = this;
      const news = await readServerMessage(this.#connection.reader, this.#screen);
      if (news.about === "clipboard") this.#heardOfClipboard(news.word);
      if (news.about === "picture") {
        this.#updates += 1;
        this.#send(message.updateRequest(this.picture, this.picture === picture));
      }
      this.#wake();
    }
  }

  /** The first answer to a wish for the whole picture may bring nothing but its size. */
  #isWhole(): boolean {
    return this.#screen.received >= this.picture.width * this.picture.height;
  }

  #heardOfClipboard(word: clipboard.ClipboardWord): void {
    this.clipboardWords.push(word);
    if (word.kind === "caps") {
      this.#extended = true;
      this.#send(clipboard.capabilities());
    }
    if (word.kind === "request") this.#send(clipboard.provision(this.#toPaste));
    if (word.kind === "notify") this.requestClipboard();
  }

  #send(bytes: Buffer): void {
    this.#connection.socket.write(bytes);
  }

  #end(error: Error): void {
    this.#fault = error;
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  async #until<T>(look: () => T | undefined, patience: Patience): Promise<T> {
    const deadline = performance.now() + (patience.limitMs ?? defaultLimitMs);
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (this.#fault !== undefined) throw this.#fault;
      const left = deadline - performance.now();
      if (left <= 0) throw inVain(patience);
      await this.#news(left);
    }
  }

  #news(limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.#waiting.add(done);
    });
  }
}
