/** How much a JSON text holds. */
export interface JsonShape {
  readonly values: number;
  readonly depth: number;
}

/**
 * Counts the values and the nesting of a JSON text without building any of them, and stops at the first bound that is
 * passed. A text that is no JSON is counted somehow: the parser refuses it.
 */
export function measureJson(text: string, most: JsonShape): JsonShape {
  let values = 1;
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === comma || code === colon) values += 1;
    else if (code === openBracket || code === openBrace) {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (code === closeBracket || code === closeBrace) depth -= 1;
    if (values > most.values || deepest > most.depth) break;
  }
  return { values, depth: deepest };
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Where the string that begins at `start` ends. Long strings are searched, not walked. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before -= 1;
  return (at - before) % 2 === 0;
}
