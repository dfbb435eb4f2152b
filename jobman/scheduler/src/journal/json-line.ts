// Legal inside JSON, but line ends or control sequences to some readers of lines.
const unsafeInLines = /[\u007f-\u009f\u2028\u2029]/g;

/** A value as one line of JSON that no reader can mistake for two, whatever a stranger wrote into it; with its line end. */
export function toJsonLine(value: unknown): string {
  return `${escapeLine(JSON.stringify(value))}\n`;
}

/** Escapes what `JSON.stringify` leaves alone; safe on any JSON text. */
export function escapeLine(json: string): string {
  return json.replace(
    unsafeInLines,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
