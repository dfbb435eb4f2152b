import type { ByteReader } from "./byte-reader.ts";
import { encodings } from "./client-messages.ts";
import { type ClipboardWord, readExtended } from "./clipboard.ts";
import { blackPicture, type Picture, type Region } from "./picture.ts";

/** What the client knows of the server's screen; messages change it. */
export interface Screen {
  picture: Picture;
  /** How many pixels were received for this picture; before as many as it has, some of it is unknown. */
  received: number;
  /** The server's answers to wishes for another size: 0 for granted. */
  readonly resizeAnswers: number[];
}

/** What a message was about. */
export type ServerNews =
  | { readonly about: "picture" }
  | { readonly about: "bell" }
  | { readonly about: "clipboard"; readonly word: ClipboardWord };

/** Reads the next message, and brings the screen up to date (RFC 6143, 7.6). */
export async function readServerMessage(reader: ByteReader, screen: Screen): Promise<ServerNews> {
  const type = await reader.u8();
  if (type === 0) return readUpdate(reader, screen);
  if (type === 2) return { about: "bell" };
  if (type === 3) return { about: "clipboard", word: await readCutText(reader) };
  throw new Error(`the VNC server sent a message of the unknown type ${type}`);
}

async function readUpdate(reader: ByteReader, screen: Screen): Promise<ServerNews> {
  const rectangles = (await reader.read(3)).readUInt16BE(1);
  for (let count = 0; count < rectangles; count += 1) {
    const head = await reader.read(12);
    const [x, y, width, height] = [0, 2, 4, 6].map((at) => head.readUInt16BE(at)) as [
      number,
      number,
      number,
      number,
    ];
    await readRectangle(reader, screen, { region: { x, y, width, height }, encoding: head.readInt32BE(8) });
  }
  return { about: "picture" };
}

interface Rectangle {
  readonly region: Region;
  readonly encoding: number;
}

async function readRectangle(reader: ByteReader, screen: Screen, rectangle: Rectangle): Promise<void> {
  const { region, encoding } = rectangle;
  switch (encoding) {
    case encodings.raw:
      screen.received += region.width * region.height;
      return drawRaw(screen.picture, region, await reader.read(region.width * region.height * 4));
    case encodings.copyRect: {
      const from = await reader.read(4);
      return moveWithin(screen.picture, region, { x: from.readUInt16BE(0), y: from.readUInt16BE(2) });
    }
    case encodings.cursor:
      await reader.read(region.width * region.height * 4 + Math.ceil(region.width / 8) * region.height);
      return;
    case encodings.desktopSize:
      return startAnew(screen, region);
    case encodings.extendedDesktopSize:
      return readDesktopSize(reader, screen, region);
    default:
      throw new Error(`the VNC server sent the encoding ${encoding}, which was not asked for`);
  }
}

/** Here `x` says who asked for the size (1: this client) and `y` whether it was granted. */
async function readDesktopSize(reader: ByteReader, screen: Screen, region: Region): Promise<void> {
  const monitors = (await reader.read(4)).readUInt8(0);
  await reader.read(monitors * 16);
  const { picture } = screen;
  if (region.y === 0 && (picture.width !== region.width || picture.height !== region.height)) {
    startAnew(screen, region);
  }
  if (region.x === 1) screen.resizeAnswers.push(region.y);
}

function startAnew(screen: Screen, { width, height }: Region): void {
  screen.picture = blackPicture(width, height);
  screen.received = 0;
}

function drawRaw(picture: Picture, region: Region, bytes: Buffer): void {
  const row = region.width * 4;
  for (let y = 0; y < region.height; y += 1) {
    picture.pixels.set(bytes.subarray(y * row, (y + 1) * row), offset(picture, region.x, region.y + y));
  }
}

function moveWithin(
  picture: Picture,
  region: Region,
  from: { readonly x: number; readonly y: number },
): void {
  const rows = Array.from({ length: region.height }, (_, y) => {
    const start = offset(picture, from.x, from.y + y);
    return picture.pixels.slice(start, start + region.width * 4);
  });
  rows.forEach((row, y) => {
    picture.pixels.set(row, offset(picture, region.x, region.y + y));
  });
}

function offset({ width }: Picture, x: number, y: number): number {
  return (y * width + x) * 4;
}

async function readCutText(reader: ByteReader): Promise<ClipboardWord> {
  const length = (await reader.read(7)).readInt32BE(3);
  if (length < 0) return readExtended(await reader.read(-length));
  return { kind: "plain", text: (await reader.read(length)).toString("latin1") };
}
