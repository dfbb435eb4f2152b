import { z } from "zod";

/** One line of a job's output, as NDJSON. A cursor is opaque; `?after=<cursor>` resumes behind its line. */
export const logLineSchema = z.object({
  time: z.iso.datetime(),
  stream: z.enum(["stdout", "stderr"]),
  /** The bytes of the line with its line end when it had one; bytes that are no UTF-8 are replaced. */
  data: z.string(),
  cursor: z.string(),
});
export type LogLine = z.infer<typeof logLineSchema>;
