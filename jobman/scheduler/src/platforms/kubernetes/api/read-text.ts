import { ClusterError } from "./cluster-error.ts";

/** An answer larger than what its reader has room for; reading ended there. */
export class AnswerTooLarge extends ClusterError {
  constructor(mostBytes: number) {
    super(`the API server's answer is larger than ${mostBytes} bytes`, {
      status: 413,
      reason: "AnswerTooLarge",
    });
    this.name = "AnswerTooLarge";
  }
}

/** All of an answer as text. Throws `AnswerTooLarge`, and holds little more than `mostBytes` in memory. */
export async function readText(body: AsyncIterable<Uint8Array>, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new AnswerTooLarge(mostBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString("utf8");
}
