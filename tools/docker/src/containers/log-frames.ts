/** One message of a container's log: a line, or a piece of one that was too long. */
export interface LogFrame {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

/** What a container wrote in one go, or a part of it. */
export interface OutputFrame {
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

/** Reads the engine's log with timestamps: each message is `<time> <bytes>`. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<LogFrame> {
  for await (const frame of readOutputFrames(source)) yield parseMessage(frame);
}

/**
 * Reads the engine's multiplexed stream: frames of one byte for the stream, three of padding, four for the length
 * (big endian), then the bytes (Docker Engine API, "Attach to a container, Stream format").
 */
export async function* readOutputFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<OutputFrame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    let offset = 0;
    for (let end = frameEnd(pending, offset); end <= pending.length; end = frameEnd(pending, offset)) {
      const stream = pending[offset] === 2 ? "stderr" : "stdout";
      yield { stream, data: pending.subarray(offset + headerLength, end) };
      offset = end;
    }
    pending = pending.subarray(offset);
  }
}

const headerLength = 8;

/** Where the frame at `offset` ends, or infinity when its header is not complete. */
function frameEnd(bytes: Buffer, offset: number): number {
  if (bytes.length < offset + headerLength) return Number.POSITIVE_INFINITY;
  return offset + headerLength + bytes.readUInt32BE(offset + 4);
}

function parseMessage({ stream, data }: OutputFrame): LogFrame {
  const blank = data.indexOf(0x20);
  return { stream, time: data.toString("latin1", 0, blank), data: data.subarray(blank + 1) };
}
