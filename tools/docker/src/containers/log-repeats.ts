import type { ContainerLine } from "./container-log.ts";

/**
 * Drops lines that come a second time. A followed log of Docker 20.10 begins again at the head of the new file when it
 * was rotated. Within one stream times only grow, so that a line that steps back and was among the last `remembered`
 * is such a repetition; one that was not is kept, because the clock may have been set back.
 */
export async function* dropRepeats(lines: AsyncIterable<ContainerLine>): AsyncIterable<ContainerLine> {
  const last = new Map<ContainerLine["stream"], ContainerLine>();
  const recent = new Set<string>();
  for await (const line of lines) {
    const before = last.get(line.stream);
    const key = `${line.time}${line.stream}`;
    const continues = before !== undefined && before.data.at(-1) !== lineEnd;
    if (!continues && before !== undefined && line.time <= before.time && recent.has(key)) continue;
    last.set(line.stream, line);
    remember(recent, key);
    yield line;
  }
}

const lineEnd = 10;
const remembered = 8_192;

function remember(recent: Set<string>, key: string): void {
  recent.add(key);
  if (recent.size <= remembered) return;
  const [oldest] = recent;
  if (oldest !== undefined) recent.delete(oldest);
}
