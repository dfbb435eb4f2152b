import { z } from "zod";

const place = {
  time: z.iso.datetime(),
  /** Opaque; `?after=<cursor>` goes on behind this piece. */
  cursor: z.string(),
};
const stream = z.enum(["stdout", "stderr"]);

/** Output that is UTF-8. A piece may hold many lines, or a part of one. */
export const logTextSchema = z.strictObject({ ...place, stream, data: z.string() });

/** Output that is not UTF-8, as it was written. */
export const logBytesSchema = z.strictObject({ ...place, stream, base64: z.string() });

/**
 * Output that is missing here. `limit`: more was written than is kept; `disk`: it could not be stored. Of two causes it is
 * not known how much it was, if it was any, and `lines` and `bytes` are 0: `absence`, it was written while no scheduler
 * ran; `rotation`, the job's node has begun a new file of its log, and the older one cannot be read.
 */
export const logGapSchema = z.strictObject({
  ...place,
  gone: z.strictObject({
    cause: z.enum(["limit", "disk", "absence", "rotation"]),
    lines: z.int(),
    bytes: z.int(),
    /** How much of a job's output is kept. */
    keptBytes: z.int(),
  }),
});

/** One piece of a job's output, as NDJSON: text, bytes, or what is missing in this place. */
export const logPieceSchema = z.union([logTextSchema, logBytesSchema, logGapSchema]);
export type LogPiece = z.infer<typeof logPieceSchema>;
export type LogGap = z.infer<typeof logGapSchema>["gone"];
