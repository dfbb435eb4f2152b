/**
 * Kubernetes replaces `$(NAME)` in commands, arguments and values of variables, and makes `$$` a `$`: with each doubled,
 * every byte arrives as it was given.
 */
export function keepDollars(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** The text that `keepDollars` was given. */
export function readDollars(text: string): string {
  return text.replaceAll("$$", "$");
}
