import type { Readable } from "node:stream";

const longestText = 64 * 1024;

/** Reads a stream in pieces of a wanted length. One reader at a time; it rejects when the stream ends or fails. */
export class ByteReader {
  #chunks: Buffer[] = [];
  #buffered = 0;
  #waiting: { readonly length: number; readonly wake: () => void } | undefined;
  #fault: Error | undefined;
  readonly #stream: Readable;
  readonly #listeners = {
    data: (chunk: Buffer) => this.#take(chunk),
    error: (error: Error) => this.#end(error),
    close: () => this.#end(new Error("the other side closed the connection")),
  };

  constructor(stream: Readable) {
    this.#stream = stream;
    for (const [event, listener] of Object.entries(this.#listeners)) stream.on(event, listener);
  }

  async read(length: number): Promise<Buffer> {
    while (this.#buffered < length) {
      if (this.#fault !== undefined) throw this.#fault;
      await new Promise<void>((wake) => {
        this.#waiting = { length, wake };
      });
    }
    const all = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = all.length > length ? [all.subarray(length)] : [];
    this.#buffered -= length;
    return all.subarray(0, length);
  }

  async u8(): Promise<number> {
    return (await this.read(1)).readUInt8();
  }

  async u32(): Promise<number> {
    return (await this.read(4)).readUInt32BE();
  }

  /** A text with its length before it, as RFB writes reasons and names. Rejects for one of more than 64 KiB. */
  async text(): Promise<string> {
    const length = await this.u32();
    if (length > longestText) throw new Error(`the other side announces a text of ${length} bytes`);
    return (await this.read(length)).toString("utf8");
  }

  /** Lets go of the stream, and answers what was received and not read yet. */
  release(): Buffer {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#stream.off(event, listener);
    return Buffer.concat(this.#chunks);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    if (this.#waiting !== undefined && this.#buffered >= this.#waiting.length) this.#wake();
  }

  #end(error: Error): void {
    this.#fault ??= error;
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.wake();
  }
}
