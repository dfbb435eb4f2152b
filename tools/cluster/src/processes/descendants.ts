import { readFileSync } from "node:fs";

/** The process called `name` that `pid` started, directly or through others; undefined when there is none. Linux alone. */
export function findDescendant(pid: number, name: string): number | undefined {
  for (const child of childrenOf(pid)) {
    const found = nameOf(child) === name ? child : findDescendant(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Those that `pid` started itself and that run. */
export function childrenOf(pid: number): readonly number[] {
  const text = read(`/proc/${pid}/task/${pid}/children`);
  return text
    .split(" ")
    .filter((each) => each !== "")
    .map(Number);
}

function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Empty for a process that is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
