import { readFileSync } from "node:fs";
import { UserError } from "@workstation/cli";

const replacementCharacter = "\ufffd";

/**
 * Refuses arguments whose bytes are no UTF-8: Node has already replaced such bytes, and the job would get other ones
 * than were typed. A replacement character that was really typed passes.
 */
export function refuseBrokenText(words: readonly string[], commandLine = readCommandLine): void {
  const broken = words.find((word) => word.includes(replacementCharacter));
  if (broken === undefined || isUtf8(commandLine())) return;
  throw new UserError(
    "USAGE",
    `the argument ${JSON.stringify(broken)} is no UTF-8 text and would not arrive unchanged`,
    {
      hint: "rename the file, or name it by a pattern within a quoted command",
    },
  );
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The bytes that the process was started with; nothing where the system does not tell. */
function readCommandLine(): Uint8Array {
  try {
    return readFileSync("/proc/self/cmdline");
  } catch {
    return new Uint8Array();
  }
}
