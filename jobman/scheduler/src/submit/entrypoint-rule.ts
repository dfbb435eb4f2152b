/**
 * What the entrypoint of the images makes of a job's arguments (`init-scripts/command.sh`), as far as it can be told
 * without the image: a single argument with blanks or shell syntax is a line for the shell, several are a command.
 */
export function argumentsAfterEntrypoint(given: readonly string[], exact: boolean): readonly string[] {
  if (exact) return given;
  const rest = given[0] === "--" ? given.slice(1) : given;
  const [only, ...others] = rest;
  if (only === undefined || others.length > 0 || isPlainWord(only)) return rest;
  return ["/bin/bash", "-c", "--", only, "bash"];
}

function isPlainWord(text: string): boolean {
  return /^[A-Za-z0-9_@%+:,./-]+$/.test(text);
}
