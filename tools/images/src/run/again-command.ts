/** What was typed for `images`, as a command line from which a shell reads the same words again. */
export function againCommand(argv: readonly string[]): string {
  return ["npm run images --", ...argv.map(shellWord)].join(" ");
}

// In front of a command `A=1` would be an assignment, and to zsh `=ls` is a path.
const plain = /^(?!\w*=)[\w@%+=:,./-]+$/;

/** A word as a shell reads it again. */
export function shellWord(word: string): string {
  return plain.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
