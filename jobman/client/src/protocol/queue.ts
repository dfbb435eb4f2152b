import { z } from "zod";
import { jobStates } from "./job.ts";

/** The queue as everybody may see it: no names of jobs or users but the asker's own. */
export const queueEntrySchema = z.object({
  flavor: z.string(),
  state: z.enum(jobStates),
  position: z.int().optional(),
  /** The asker's own job has its name here. */
  name: z.string().optional(),
  mine: z.boolean(),
  submittedAt: z.iso.datetime(),
  startedAt: z.iso.datetime().optional(),
  expectedStartAt: z.iso.datetime().optional(),
  latestStartAt: z.iso.datetime().optional(),
});
export const queueSchema = z.object({ apiVersion: z.literal("v1"), queue: z.array(queueEntrySchema) });
export type QueueTable = z.infer<typeof queueSchema>;

/** What one slot of a flavor gives a job here, after the machine's limits, beside what the site promised. */
export const flavorSchema = z.object({
  name: z.string(),
  slots: z.int(),
  /** Slots that have what they need on this machine: a GPU flavor without devices has none. */
  usableSlots: z.int(),
  running: z.int(),
  waiting: z.int(),
  cores: z.number(),
  memoryBytes: z.number(),
  promisedCores: z.number(),
  promisedMemoryBytes: z.number(),
  gpu: z.object({ model: z.string(), memoryBytes: z.number() }).optional(),
  timeLimitSeconds: z.number(),
  /** Why `usableSlots` is less than `slots`. */
  note: z.string().optional(),
  isDefault: z.boolean(),
});
export const flavorListSchema = z.object({ apiVersion: z.literal("v1"), flavors: z.array(flavorSchema) });
export type Flavor = z.infer<typeof flavorSchema>;
export type FlavorList = z.infer<typeof flavorListSchema>;

export const imageSchema = z.object({
  /** Name without tag, e.g. `ubuntu-python`. */
  name: z.string(),
  tags: z.array(z.string()),
  variant: z.string().optional(),
  sizeBytes: z.number(),
  createdAt: z.iso.datetime().optional(),
  isDefault: z.boolean(),
});
export const imageListSchema = z.object({ apiVersion: z.literal("v1"), images: z.array(imageSchema) });
export const imageDetailsSchema = z.object({
  apiVersion: z.literal("v1"),
  image: imageSchema,
  readme: z.string(),
  labels: z.record(z.string(), z.string()),
});
export type ImageList = z.infer<typeof imageListSchema>;
export type ImageDetails = z.infer<typeof imageDetailsSchema>;
