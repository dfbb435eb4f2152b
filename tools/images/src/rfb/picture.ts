import { encode } from "fast-png";

/** What a screen shows: rows of red, green, blue and an unused byte a pixel. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A part of a picture, in pixels from its upper left corner. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function blackPicture(width: number, height: number): Picture {
  return { width, height, pixels: new Uint8Array(width * height * 4) };
}

export function copyOf(picture: Picture): Picture {
  return { ...picture, pixels: picture.pixels.slice() };
}

/** Each colour (`0xrrggbb`) of a region, and how many of its pixels have it, the most frequent first. */
export function coloursOf(picture: Picture, region: Region = wholeOf(picture)): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  forEachPixel(picture, region, (at) => {
    const colour = colourAt(picture, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  });
  return new Map([...counts].toSorted(([, a], [, b]) => b - a));
}

/** True where one colour fills a region but for a thousandth of it (the pointer): a screen on which nothing is. */
export function isBlank(picture: Picture, region: Region = wholeOf(picture)): boolean {
  const [most = 0] = coloursOf(picture, region).values();
  return most >= region.width * region.height * 0.999;
}

/** The smallest region that holds all differences, and how many pixels differ; undefined for equal pictures. */
export function changeBetween(
  before: Picture,
  after: Picture,
  region: Region = wholeOf(after),
): (Region & { readonly pixels: number }) | undefined {
  if (before.width !== after.width || before.height !== after.height) {
    return { ...wholeOf(after), pixels: after.width * after.height };
  }
  let pixels = 0;
  const edge = { left: Infinity, top: Infinity, right: -1, bottom: -1 };
  forEachPixel(after, region, (at, x, y) => {
    if (colourAt(before, at) === colourAt(after, at)) return;
    pixels += 1;
    edge.left = Math.min(edge.left, x);
    edge.top = Math.min(edge.top, y);
    edge.right = Math.max(edge.right, x);
    edge.bottom = Math.max(edge.bottom, y);
  });
  if (pixels === 0) return undefined;
  const { left, top, right, bottom } = edge;
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1, pixels };
}

/** The picture as the bytes of a PNG file. */
export function pngOf({ width, height, pixels }: Picture): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    rgb.set(pixels.subarray(pixel * 4, pixel * 4 + 3), pixel * 3);
  }
  return encode({ width, height, data: rgb, channels: 3, depth: 8 });
}

export function wholeOf({ width, height }: Picture): Region {
  return { x: 0, y: 0, width, height };
}

function colourAt({ pixels }: Picture, at: number): number {
  return ((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0);
}

function forEachPixel(
  { width }: Picture,
  region: Region,
  visit: (at: number, x: number, y: number) => void,
): void {
  for (let y = region.y; y < region.y + region.height; y += 1) {
    for (let x = region.x; x < region.x + region.width; x += 1) visit((y * width + x) * 4, x, y);
  }
}
