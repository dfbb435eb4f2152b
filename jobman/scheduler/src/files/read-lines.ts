import { createReadStream } from "node:fs";

/**
 * The whole lines of a file, some at a time, in bounded memory: a line of more than `longest` bytes is skipped and
 * stands as `undefined`. What is behind the last line end is no line.
 */
export async function* readLines(
  file: string,
  longest: number,
): AsyncIterable<readonly (string | undefined)[]> {
  const rest: Rest = { parts: [], bytes: 0 };
  for await (const chunk of createReadStream(file)) yield [...splitChunk(chunk as Buffer, rest, longest)];
}

/** The beginning of a line whose end has not been read yet; without its content where it is too long. */
interface Rest {
  parts: Buffer[];
  bytes: number;
}

const lineEnd = 0x0a;

function* splitChunk(chunk: Buffer, rest: Rest, longest: number): Iterable<string | undefined> {
  let start = 0;
  for (let end = chunk.indexOf(lineEnd); end >= 0; end = chunk.indexOf(lineEnd, start)) {
    addPart(rest, chunk.subarray(start, end), longest);
    yield rest.bytes > longest ? undefined : Buffer.concat(rest.parts).toString("utf8");
    rest.parts = [];
    rest.bytes = 0;
    start = end + 1;
  }
  addPart(rest, chunk.subarray(start), longest);
}

function addPart(rest: Rest, part: Buffer, longest: number): void {
  rest.bytes += part.length;
  if (rest.bytes > longest) rest.parts = [];
  else if (part.length > 0) rest.parts.push(part);
}
