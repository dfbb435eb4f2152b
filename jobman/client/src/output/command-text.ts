import { cellText } from "@workstation/cli";

/**
 * A command line that a shell reads back as the same words. Single quotes stand where they are needed; where characters
 * cannot be shown, `$'…'` with octal bytes (POSIX.1-2024, 2.2.4).
 */
export function commandText(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

// In front of a command `A=1` would be an assignment, and to zsh `=ls` is a path.
const plain = /^(?!\w*=)[\w@%+=:,./-]+$/;

function shellWord(word: string): string {
  if (plain.test(word)) return word;
  if (cellText(word) !== word) return `$'${Array.from(word, escaped).join("")}'`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function escaped(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return "\\t";
  if (character === "'" || character === "\\") return `\\${character}`;
  return cellText(character) === character ? character : octalBytes(character);
}

function octalBytes(character: string): string {
  return Array.from(Buffer.from(character), (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}
