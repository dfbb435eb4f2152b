import { runQuietly } from "./quiet-process.ts";

/** What a walk counted, each file once however many names it has. */
export interface Counted {
  readonly bytes: number;
  readonly files: number;
  /** `broken`: folders moved under its feet and it did not get to the end; `late`: it ran out of time. */
  readonly outcome: "whole" | "broken" | "late";
}

export interface WalkBounds {
  /** It ends where more than this was counted: that is all one needs to know. */
  readonly bytes: number;
  readonly files: number;
  readonly timeLimitMs: number;
}

/** Counts what is below `folders` and on their file systems, in a process of its own. What it counted stands, however it ended. */
export function countFolders(folders: readonly string[], bounds: WalkBounds): Promise<Counted> {
  return count([...folders, end, "-xdev"], bounds);
}

/** Counts regular files without a name that are open through these links to open files, on the file system `device`. */
export function countNameless(
  links: readonly string[],
  device: number,
  bounds: WalkBounds,
): Promise<Counted> {
  const nameless = ["-maxdepth", "1", "(", "-path", end, "-o", "-type", "f", "-links", "0", ")"];
  return count(["-L", ...links, end, ...nameless], bounds, String(device));
}

/** find(1) gives up where a folder is moved while it is in it, and then does not come to what stands behind. */
const end = "/dev/null";

/** Only what can have several names tells which file it is, so that a million files are few bytes to read. */
const onlyName = ["(", "-type", "d", "-o", "-links", "1", ")", "-printf", "%b\\n"];
const print = [
  "(",
  ...["-path", end, "-printf", "end\\n", "-o"],
  ...onlyName,
  "-o",
  "-printf",
  "%b %D:%i\\n",
  ")",
];

async function count(argv: readonly string[], bounds: WalkBounds, device?: string): Promise<Counted> {
  const sum = { blocks: 0, files: 0, atEnd: false };
  const seen = new Set<string>();
  let rest = "";
  const take = (line: string): void => {
    const [blocks = "", file] = line.split(" ");
    if (blocks === "end") sum.atEnd = true;
    if (!/^\d+$/.test(blocks)) return;
    if (file !== undefined && (seen.has(file) || !(device === undefined || file.startsWith(`${device}:`))))
      return;
    if (file !== undefined) seen.add(file);
    sum.blocks += Number(blocks);
    sum.files += 1;
  };
  const onOutput = (piece: string): boolean => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    return sum.blocks * blockBytes <= bounds.bytes && sum.files <= bounds.files;
  };
  const startedAt = performance.now();
  await runQuietly(["find", ...argv, ...print], { timeLimitMs: bounds.timeLimitMs, onOutput });
  const late = performance.now() - startedAt >= bounds.timeLimitMs;
  const outcome = sum.atEnd ? "whole" : late ? "late" : "broken";
  return { bytes: sum.blocks * blockBytes, files: sum.files, outcome };
}

const blockBytes = 512;
