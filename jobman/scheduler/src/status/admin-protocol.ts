import { jobReasons, jobStates } from "@workstation/jobman/protocol";
import { z } from "zod";

const time = z.iso.datetime();

/** The scheduler as its operator sees it. Times are ISO 8601 in UTC, sizes bytes. */
export const statusSchema = z.object({
  apiVersion: z.literal("v1"),
  version: z.string(),
  instance: z.string(),
  engine: z.string(),
  pid: z.int(),
  startedAt: time,
  state: z.string(),
  run: z.string(),
  /** Absent where a scheduler of an earlier release answers. */
  siteFile: z.string().optional(),
  machine: z.object({ cores: z.number(), memoryBytes: z.number(), gpus: z.int() }),
  flavors: z.array(
    z.object({
      name: z.string(),
      slots: z.int(),
      usableSlots: z.int(),
      running: z.int(),
      waiting: z.int(),
      cores: z.number(),
      memoryBytes: z.number(),
      promisedCores: z.number(),
      promisedMemoryBytes: z.number(),
      note: z.string().optional(),
    }),
  ),
  /** Jobs that wait or hold a slot, in the order of submission. */
  jobs: z.array(
    z.object({
      id: z.string(),
      owner: z.string(),
      name: z.string(),
      flavor: z.string(),
      state: z.enum(jobStates),
      reason: z.enum(jobReasons),
      stopping: z.boolean(),
      submittedAt: time,
      startedAt: time.optional(),
      deadlineAt: time.optional(),
      position: z.int().optional(),
      latestStartAt: time.optional(),
    }),
  ),
  endedJobs: z.int(),
  users: z.array(z.object({ name: z.string(), uid: z.int(), socket: z.boolean() })),
  /** False where another replica decides, which has most of the faults; absent where an earlier release answers. */
  leads: z.boolean().optional(),
  /** What needs the operator's hand, e.g. a user's folder that cannot be read. */
  problems: z.array(z.string()),
  /** The last faults, newest last. */
  faults: z.array(z.object({ at: time, where: z.string(), message: z.string() })),
});
export type SchedulerStatus = z.infer<typeof statusSchema>;

/** Paths of the operator's socket. */
export const adminRoutes = {
  status: "/v1/status",
  rescanUsers: "/v1/users/rescan",
  stop: "/v1/stop",
  job: (owner: string, name: string) =>
    `/v1/users/${encodeURIComponent(owner)}/jobs/${encodeURIComponent(name)}`,
  metrics: "/metrics",
} as const;
