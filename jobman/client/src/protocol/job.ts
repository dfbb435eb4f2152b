import { z } from "zod";
import { jobStates } from "./job-states.ts";

export { isActive, type JobState, jobStates } from "./job-states.ts";

/** Why a job is in its state: a closed list, documented in docs/guide/queue-rules.md. */
export const jobReasons = [
  "WaitingForSlot",
  "UserLimit",
  "NoDevices",
  "Starting",
  "Running",
  "Completed",
  "CommandFailed",
  "Signalled",
  "OutOfMemory",
  "DeadlineExceeded",
  "ScratchLimit",
  "FlavorRemoved",
  "DeletedByUser",
  "DeletedByOperator",
  "StartFailed",
  "InitFailed",
  "NodeLost",
  "ContainerRemoved",
  "Unknown",
] as const;
export type JobReason = (typeof jobReasons)[number];

const time = z.iso.datetime();

/** A job as its owner sees it. Times are ISO 8601 in UTC, durations seconds, sizes bytes. */
export const jobSchema = z.object({
  name: z.string(),
  id: z.string(),
  image: z.string(),
  flavor: z.string(),
  /** The arguments as they were given. */
  command: z.array(z.string()),
  datasets: z.array(z.string()),
  annotations: z.record(z.string(), z.string()),
  state: z.enum(jobStates),
  reason: z.enum(jobReasons),
  /** One sentence for a person: what happened, and what would help. */
  message: z.string(),
  /** Said once to whoever follows the job, e.g. that its time limit is near. */
  warning: z.string().optional(),
  /** What its owner should know beside how it runs or ended: that `init.sh` failed, that a process was killed. */
  notes: z.array(z.string()).optional(),
  submittedAt: time,
  startedAt: time.optional(),
  endedAt: time.optional(),
  /** When a running job will be stopped. */
  deadlineAt: time.optional(),
  timeLimitSeconds: z.number(),
  memoryBytes: z.number(),
  cores: z.number(),
  /** The command's own code, 128+n for signal n; absent while the job is active and for jobs that never ran. */
  exitCode: z.int().optional(),
  /** 1-based place among the jobs that wait for the same flavor. */
  position: z.int().optional(),
  /** When the job should start by this flavor's history. */
  expectedStartAt: time.optional(),
  /** When the job starts at the latest, because every job before it has a time limit. */
  latestStartAt: time.optional(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobListSchema = z.object({ apiVersion: z.literal("v1"), jobs: z.array(jobSchema) });
export type JobList = z.infer<typeof jobListSchema>;

/** What a user asks for. Everything is optional but the command may be empty only where the image has one of its own. */
export const submitRequestSchema = z.strictObject({
  image: z.string().min(1).max(256).optional(),
  name: z.string().min(1).max(256).optional(),
  flavor: z.string().min(1).max(64).optional(),
  arguments: z.array(z.string().max(131_072)).max(4096),
  /** `-c`: the arguments are executed exactly, without the entrypoint's shell rule. */
  exact: z.boolean().default(false),
  environment: z.record(z.string(), z.string().max(131_072)).default({}),
  annotations: z.record(z.string(), z.string().max(4096)).default({}),
  /** Absent: all datasets that the user was granted. */
  datasets: z.array(z.string().max(256)).max(256).optional(),
});
export type SubmitRequest = z.input<typeof submitRequestSchema>;
export type ParsedSubmitRequest = z.output<typeof submitRequestSchema>;

/** Answer to a submit: the job; and to a dry run: what would really run. */
export const submitResponseSchema = z.object({
  apiVersion: z.literal("v1"),
  job: jobSchema,
  /** Things that are odd but no errors, e.g. a GPU flavor with an image without CUDA. */
  warnings: z.array(z.string()),
  dryRun: z
    .object({
      /** argv after the entrypoint's rule. */
      arguments: z.array(z.string()),
      mounts: z.array(z.object({ target: z.string(), readOnly: z.boolean() })),
    })
    .optional(),
});
export type SubmitResponse = z.infer<typeof submitResponseSchema>;
