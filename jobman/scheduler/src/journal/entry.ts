import { jobReasons, jobStates } from "@workstation/jobman/protocol";
import { z } from "zod";

const spec = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  uid: z.int(),
  gid: z.int(),
  image: z.string(),
  flavor: z.string(),
  arguments: z.array(z.string()),
  exact: z.boolean(),
  /** Never filled here: an environment may hold secrets. */
  environment: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()),
  datasets: z.array(z.string()),
  timeLimitSeconds: z.number(),
  cores: z.number().exactOptional(),
  memoryBytes: z.number().exactOptional(),
  sequence: z.int(),
  submittedAt: z.number(),
});

const record = z.object({
  spec,
  state: z.enum(jobStates),
  reason: z.enum(jobReasons),
  startedAt: z.number().exactOptional(),
  endedAt: z.number().exactOptional(),
  exitCode: z.int().exactOptional(),
  holdsSlot: z.boolean(),
});

export const stopAuthors = ["user", "operator"] as const;
/** Who asked for a job's end. */
export type StopAuthor = (typeof stopAuthors)[number];

/** One fact that the engine's own objects cannot tell after a restart. */
export const journalEntrySchema = z.discriminatedUnion("kind", [
  /** Sequence numbers up to here may have been given. */
  z.object({ kind: z.literal("sequence"), upTo: z.int() }),
  /** The job was made and its owner told so. */
  z.object({ kind: z.literal("accepted"), spec }),
  z.object({ kind: z.literal("started"), id: z.string(), at: z.number() }),
  /** Its end was asked for; written before anything is done about it. */
  z.object({ kind: z.literal("stop"), id: z.string(), by: z.enum(stopAuthors), at: z.number() }),
  z.object({ kind: z.literal("ended"), record, startError: z.string().exactOptional() }),
  /** Record and container are no longer wanted; written before they are removed. */
  z.object({ kind: z.literal("forgotten"), id: z.string() }),
  /** What is left of a forgotten job: how long it ran, for estimates. */
  z.object({ kind: z.literal("ran"), flavor: z.string(), seconds: z.number() }),
]);
export type JournalEntry = z.infer<typeof journalEntrySchema>;
