import { setTimeout as delay } from "node:timers/promises";

/** Waits until `look` gives something; fails with `what` after ten seconds. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  milliseconds = 10_000,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await delay(10);
  }
}
