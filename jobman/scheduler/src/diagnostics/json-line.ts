import { printable } from "@workstation/cli";

/** A value as one line of JSON that no reader can mistake for two, whatever a stranger wrote into it; with its line end. */
export function toJsonLine(value: unknown): string {
  return `${printable(JSON.stringify(value))}\n`;
}
