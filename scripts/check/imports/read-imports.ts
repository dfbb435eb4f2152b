/** One import of a file, as it is written. */
export interface Import {
  /** `./x.ts`, `@workstation/cli`, `node:fs`, …; undefined where it is computed. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** False where types alone are taken, so that nothing is loaded. */
  readonly loads: boolean;
}

const statement = /^[ \t]*(?:import|export)\b(?<what>[^;"'`()]*?)\bfrom\s*(["'])(?<specifier>[^"'\n]+)\2/gm;
const effect = /^[ \t]*import\s*(["'])(?<specifier>[^"'\n]+)\1/gm;
const call =
  /\b(?:import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*(?:\/\*[\s\S]*?\*\/\s*)?(["'`])(?<specifier>[^"'`\n]+)\1/g;
const computed = /(?<![.\w])import\s*\(\s*(?!\s|["'`]|\/\*)/g;
const required = /\bcreateRequire\([^)]*\)(?:\.resolve)?\(\s*(["'`])(?<specifier>[^"'`\n]+)\1/g;

/** Every import of a source text: static, dynamic, for types alone, and what is exported from elsewhere. */
export function readImports(text: string): readonly Import[] {
  const found = (pattern: RegExp, loads: (match: RegExpExecArray) => boolean): readonly Import[] =>
    [...text.matchAll(pattern)].map((match) => ({
      specifier: match.groups?.specifier,
      line: text.slice(0, match.index + (/^\s*/.exec(match[0])?.[0].length ?? 0)).split("\n").length,
      loads: loads(match as RegExpExecArray),
    }));
  return [
    ...found(statement, (match) => !/^\s*type\b(?!\s*,)/.test(match.groups?.what ?? "")),
    ...found(effect, () => true),
    ...found(call, () => true),
    ...found(required, () => true),
    ...found(computed, () => true),
  ].toSorted((a, b) => a.line - b.line);
}
