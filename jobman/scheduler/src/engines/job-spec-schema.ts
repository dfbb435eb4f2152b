import { z } from "zod";

const texts = z.record(z.string(), z.string());

/** A job's specification as it is read back from an engine's object or from the journal: nobody vouches for either. */
export const jobSpecSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  uid: z.int(),
  gid: z.int(),
  image: z.string(),
  flavor: z.string(),
  arguments: z.array(z.string()),
  exact: z.boolean(),
  environment: texts,
  annotations: texts,
  datasets: z.array(z.string()),
  timeLimitSeconds: z.number(),
  cores: z.number().exactOptional(),
  memoryBytes: z.number().exactOptional(),
  sequence: z.int(),
  submittedAt: z.number(),
});
