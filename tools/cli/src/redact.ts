const secretAssignment =
  /\b([A-Za-z0-9_-]*(?:password|passwd|secret|token|api[_-]?key|authorization)[A-Za-z0-9_-]*)(["']?\s*[=:]\s*["']?)((?:Bearer|Basic)\s+)?([^\s"',;&]+)/gi;
const urlCredentials = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/:@]+:[^\s/@]+@/gi;

/** Replaces what looks like a password, a token or credentials in a URL, so that text may be printed or logged. */
export function redact(text: string): string {
  return text
    .replace(urlCredentials, "$1[redacted]@")
    .replace(secretAssignment, (_, name: string, separator: string) => `${name}${separator}[redacted]`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/g;

/** Makes text that a stranger wrote safe to show on a terminal or in one log line: control characters are escaped. */
export function printable(text: string): string {
  return text.replace(controlCharacters, (character) => {
    const code = character.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${code}`;
  });
}
