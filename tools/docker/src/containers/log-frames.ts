/** One message of a container's log: a line, or a piece of one that was too long. */
export interface LogFrame {
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly data: Buffer;
}

/**
 * Reads the engine's multiplexed stream with timestamps: frames of one byte for the stream, three of padding, four
 * for the length (big endian), then `<time> <bytes>` (Docker Engine API, "Attach to a container, Stream format").
 */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<LogFrame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    let offset = 0;
    for (let end = frameEnd(pending, offset); end <= pending.length; end = frameEnd(pending, offset)) {
      yield parseFrame(pending.subarray(offset, end));
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

function parseFrame(frame: Buffer): LogFrame {
  const blank = frame.indexOf(0x20, headerLength);
  return {
    stream: frame[0] === 2 ? "stderr" : "stdout",
    time: frame.toString("latin1", headerLength, blank),
    data: frame.subarray(blank + 1),
  };
}
