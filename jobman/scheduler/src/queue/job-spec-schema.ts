import { z } from "zod";

const texts = z.array(z.string()).readonly();

/**
 * A job's specification as it is read back from an engine's object or from the journal: nobody vouches for either.
 * What it does not name is dropped, such as the environment that earlier releases kept.
 */
export const jobSpecSchema = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  uid: z.int(),
  gid: z.int(),
  image: z.string(),
  flavor: z.string(),
  arguments: texts,
  exact: z.boolean(),
  annotations: z.record(z.string(), z.string()).readonly(),
  datasets: texts,
  timeLimitSeconds: z.number(),
  cores: z.number().exactOptional(),
  memoryBytes: z.number().exactOptional(),
  sequence: z.int(),
  submittedAt: z.number(),
});
