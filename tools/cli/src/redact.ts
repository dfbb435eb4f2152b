const secretAssignment =
  /\b([A-Za-z0-9_-]*(?:password|passwd|secret|token|api[_-]?key|authorization)[A-Za-z0-9_-]*)(["']?\s*[=:]\s*["']?)((?:Bearer|Basic)\s+)?([^\s"',;&]+)/gi;
const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/:@]+:[^\s/@]+@/gi;

/** Replaces what looks like a password, a token or credentials in a URL, so that text may be printed or logged. */
export function redact(text: string): string {
  return text
    .replace(urlCredentials, "$1[redacted]@")
    .replace(secretAssignment, (_, name: string, separator: string) => `${name}${separator}[redacted]`);
}

/**
 * C0 but tab and line end, C1, line and paragraph separators; then what has no width or turns the direction of writing
 * (Unicode's Default_Ignorable and Bidi_Control characters that are in use), by which text reads as another one.
 */
const unsafeCharacters =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/**
 * Makes text that a stranger wrote safe to show on a terminal or in one log line. The escapes are JSON's: a JSON text
 * stays one, of the same value. Tab and line end are left to the caller.
 */
export function printable(text: string): string {
  return text.replace(unsafeCharacters, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}

/** A text for a person's terminal or a log, whoever wrote it: nothing in it drives the terminal, no secret is shown. */
export function safeText(text: string): string {
  return redact(printable(text));
}
