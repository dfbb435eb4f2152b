import { generalHelp, versionText, welcomeText } from "./help/help-text.ts";

/**
 * What can be answered without reading the command line: no arguments, or version or help as the first word, in which
 * case everything behind it is ignored. It is a bundle of its own, because it is asked for most and needs least.
 */
export function quickAnswer(words: readonly string[]): string | undefined {
  const [first] = words;
  if (first === undefined) return welcomeText();
  if (first === "-v" || first === "--version") return `${versionText()}\n`;
  if (first === "-h" || first === "--help") return generalHelp();
  return undefined;
}
