import type { z } from "zod";

/**
 * What a ledger's page says. One that somebody wrote nonsense into says nothing: who holds a slot or is active is seen at the
 * jobs, too, and the next write makes the page right again.
 */
export function readEntries<Entries extends object>(
  text: string | undefined,
  schema: z.ZodType<Entries>,
  onFault: (fault: unknown) => void,
): Entries | Record<string, never> {
  try {
    return schema.parse(JSON.parse(text ?? "{}"));
  } catch (cause) {
    onFault(new Error(`a ledger cannot be read, and is begun anew: ${text?.slice(0, 100)}`, { cause }));
    return {};
  }
}
