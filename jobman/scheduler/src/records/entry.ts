import { jobReasons, jobStates } from "@workstation/jobman/protocol";
import { z } from "zod";
import { jobSpecSchema } from "../queue/job-spec-schema.ts";

const record = z.object({
  spec: jobSpecSchema,
  state: z.enum(jobStates),
  reason: z.enum(jobReasons),
  startedAt: z.number().exactOptional(),
  endedAt: z.number().exactOptional(),
  exitCode: z.int().exactOptional(),
  initError: z.string().exactOptional(),
  memoryKilled: z.boolean().exactOptional(),
  holdsSlot: z.boolean(),
});

/** Who or what asked for a job's end; a deadline is not among them, because the job's own times tell it. */
const stopCauses = ["user", "operator", "scratch", "flavorRemoved", "startTimeout"] as const;

/** One fact that the engine's own objects cannot tell after a restart. */
export const journalEntrySchema = z.discriminatedUnion("kind", [
  /** Sequence numbers up to here may have been given. */
  z.object({ kind: z.literal("sequence"), upTo: z.int() }),
  /** The job was made and its owner told so. */
  z.object({ kind: z.literal("accepted"), spec: jobSpecSchema }),
  z.object({ kind: z.literal("started"), id: z.string(), at: z.number() }),
  /** Its end was asked for; written before anything is done about it. */
  z.object({ kind: z.literal("stop"), id: z.string(), by: z.enum(stopCauses), at: z.number() }),
  z.object({ kind: z.literal("ended"), record, startError: z.string().exactOptional() }),
  /** Record and container are no longer wanted; written before they are removed. */
  z.object({ kind: z.literal("forgotten"), id: z.string() }),
  /** What is left of a forgotten job: how long it ran, for estimates. */
  z.object({ kind: z.literal("ran"), flavor: z.string(), seconds: z.number() }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
