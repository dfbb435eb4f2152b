import type { z } from "zod";

/**
 * Reads JSON that a registry wrote; undefined when it is none, or of another shape. What JSON's or zod's own error
 * repeats of a text may be a piece of a secret: the caller says what was wanted, not what came.
 */
export function parseAnswer<T extends z.ZodType>(text: string, shape: T): z.infer<T> | undefined {
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
