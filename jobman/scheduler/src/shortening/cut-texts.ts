import { printable } from "@workstation/cli";

/** What a job's command may take in the journal, the audit and the memory of an ended job, in bytes of JSON. */
export const commandRoom = 16_384;

/**
 * Texts for a file of JSON lines, cut so that together they take at most `room` bytes there, escapes counted: a
 * control character takes six. What was left out is said, in a few bytes more.
 */
export function cutTexts(texts: readonly string[], room: number): readonly string[] {
  const kept: string[] = [];
  let left = room;
  for (const text of texts) {
    const { shown, bytes } = cutWithSize(text, left);
    kept.push(shown);
    left -= bytes + separatorBytes;
    if (left <= 0 || shown !== text) break;
  }
  const missing = texts.length - kept.length;
  return missing === 0 ? kept : [...kept, `(${missing} more)`];
}

/** One text, cut in the same way. */
export function cutText(text: string, room: number): string {
  return cutWithSize(text, room).shown;
}

/** True where `cutTexts` would leave all as it is. */
export function fitsUncut(texts: readonly string[], room: number): boolean {
  // Each unit takes at most six bytes: most commands need no closer look.
  const most = texts.reduce((sum, text) => sum + 6 * text.length + separatorBytes, 0);
  return most <= room || cutTexts(texts, room).every((text, index) => text === texts[index]);
}

/** Two quotation marks and a comma. */
const separatorBytes = 3;

function cutWithSize(text: string, room: number): { readonly shown: string; readonly bytes: number } {
  let [bytes, units] = [0, 0];
  for (const character of text) {
    const size = bytesInJson(character);
    if (bytes + size > room)
      return { shown: `${copyOf(text, units)} (${text.length - units} more characters)`, bytes };
    bytes += size;
    units += character.length;
  }
  return { shown: text, bytes };
}

function bytesInJson(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code < 0x7f && character !== '"' && character !== "\\") return 1;
  return Buffer.byteLength(printable(JSON.stringify(character))) - 2;
}

// A plain slice keeps the whole text in memory.
function copyOf(text: string, units: number): string {
  return Buffer.from(text.slice(0, units), "utf8").toString("utf8");
}
