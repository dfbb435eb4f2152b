import { printable } from "@workstation/cli";

/** A stranger's text for a message: quoted, cut, without control characters. */
export function shown(text: string): string {
  const cut = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return printable(JSON.stringify(cut));
}
