import { countLines, type Position, type StreamName } from "./position.ts";

/** What a job wrote at one moment, or that something which it wrote is missing here. `time`: milliseconds. */
export type Frame =
  | { readonly stream: StreamName; readonly time: number; readonly bytes: Buffer }
  | { readonly time: number; readonly gap: Gap };

/** Missing output. `absence`: nobody knows how much. */
export interface Gap {
  readonly cause: "disk" | "absence";
  readonly stdout: number;
  readonly stderr: number;
  readonly lines: number;
}

/** No frame holds more bytes. */
export const longestFrame = 65_536;
/** One byte for the kind, three for the length, six for the time. */
export const headerLength = 10;

const kinds = { stdout: 1, stderr: 2, gap: 3 } as const;

/** The place behind a frame that begins at `position`. */
export function advance(position: Position, frame: Frame): Position {
  if ("gap" in frame) {
    const { stdout, stderr, lines } = frame.gap;
    return {
      stdout: position.stdout + stdout,
      stderr: position.stderr + stderr,
      lines: position.lines + lines,
      gaps: position.gaps + 1,
    };
  }
  const lines = position.lines + countLines(frame.bytes);
  return { ...position, lines, [frame.stream]: position[frame.stream] + frame.bytes.length };
}

/** Neighbours of one stream as one, up to the size of a frame: a header each would be most of a file of small writes. */
export function joinFrames(frames: readonly Frame[]): readonly Frame[] {
  const joined: Frame[] = [];
  let open: { stream: StreamName; time: number; parts: Buffer[]; length: number } | undefined;
  const finish = (): void => {
    if (open !== undefined) joined.push({ ...open, bytes: Buffer.concat(open.parts) });
    open = undefined;
  };
  for (const frame of frames) {
    if ("gap" in frame) {
      finish();
      joined.push(frame);
    } else if (open?.stream === frame.stream && open.length + frame.bytes.length <= longestFrame) {
      open.parts.push(frame.bytes);
      open.length += frame.bytes.length;
    } else {
      finish();
      open = { stream: frame.stream, time: frame.time, parts: [frame.bytes], length: frame.bytes.length };
    }
  }
  finish();
  return joined;
}

/** A frame as it lies in a file. */
export function encodeFrame(frame: Frame): readonly Buffer[] {
  const kind = "gap" in frame ? "gap" : frame.stream;
  const payload = "gap" in frame ? Buffer.from(JSON.stringify(frame.gap)) : frame.bytes;
  const header = Buffer.allocUnsafe(headerLength);
  header.writeUInt8(kinds[kind], 0);
  header.writeUIntBE(payload.length, 1, 3);
  header.writeUIntBE(Math.max(0, Math.floor(frame.time)), 4, 6);
  return [header, payload];
}

/** The whole frames at the beginning of `bytes` and how many bytes they take; what no writer of ours left ends it. */
export function decodeFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly length: number } {
  const frames: Frame[] = [];
  let offset = 0;
  while (offset + headerLength <= bytes.length) {
    const end = offset + headerLength + bytes.readUIntBE(offset + 1, 3);
    const frame = end <= bytes.length ? decodeFrame(bytes.subarray(offset, end)) : undefined;
    if (frame === undefined) break;
    frames.push(frame);
    offset = end;
  }
  return { frames, length: offset };
}

function decodeFrame(bytes: Buffer): Frame | undefined {
  const time = bytes.readUIntBE(4, 6);
  const payload = bytes.subarray(headerLength);
  if (payload.length > longestFrame) return undefined;
  if (bytes[0] === kinds.stdout) return { stream: "stdout", time, bytes: payload };
  if (bytes[0] === kinds.stderr) return { stream: "stderr", time, bytes: payload };
  return bytes[0] === kinds.gap ? { time, gap: JSON.parse(payload.toString()) as Gap } : undefined;
}
