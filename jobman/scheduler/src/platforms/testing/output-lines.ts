import type { LogPiece } from "@workstation/jobman/protocol";

/** One line of a job's output, with its end when it had one. */
export interface OutputLine {
  readonly stream: "stdout" | "stderr";
  readonly time: string;
  readonly data: string;
}

/** A log, line by line; bytes that are no text are replaced, and nothing may be gone. */
export async function readLines(pieces: AsyncIterable<LogPiece>): Promise<readonly OutputLine[]> {
  return linesIn(await Array.fromAsync(pieces));
}

export function linesIn(pieces: readonly LogPiece[]): readonly OutputLine[] {
  const lines: OutputLine[] = [];
  for (const piece of pieces) {
    if ("gone" in piece) throw new Error(`output is gone: ${JSON.stringify(piece)}`);
    const { stream, time } = piece;
    for (const data of pieceText(piece).split(/(?<=\n)/)) {
      const open = lines.findLastIndex((line) => line.stream === stream);
      const before = lines[open];
      if (before === undefined || before.data.endsWith("\n")) lines.push({ stream, time, data });
      else lines[open] = { ...before, data: before.data + data };
    }
  }
  return lines;
}

/** What a piece shows; nothing for a gap. */
export function pieceText(piece: LogPiece): string {
  if ("data" in piece) return piece.data;
  return "base64" in piece ? Buffer.from(piece.base64, "base64").toString() : "";
}
