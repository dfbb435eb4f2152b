import { readFile } from "node:fs/promises";
import { join } from "node:path";

const template = join(import.meta.dirname, "init.sh");

/** The numbered examples of the default init.sh, as shell without the comment signs. */
export async function examples(): Promise<readonly { readonly number: number; readonly code: string }[]> {
  const text = await readFile(template, "utf8");
  return [...text.matchAll(/^# Example (\d+):.*\n((?:# .*\n)+)/gm)].map(([, number, lines = ""]) => ({
    number: Number(number),
    code: lines.replaceAll(/^# /gm, ""),
  }));
}

/** The default init.sh with one example made active, as its reader is told to do. */
export async function withExample(number: number): Promise<string> {
  const example = (await examples()).find((each) => each.number === number);
  if (example === undefined) throw new Error(`the default init.sh has no example ${number}`);
  return `${await readFile(template, "utf8")}\n${example.code}\n`;
}
