import { randomUUID } from "node:crypto";
import type { JobSpec } from "../../queue/model.ts";

/** A job for tests: what is not named is small, valid and unique. */
export function makeSpec(parts: Partial<JobSpec> & Pick<JobSpec, "image">): JobSpec {
  const id = parts.id ?? randomUUID();
  return {
    id,
    name: `job-${id.slice(0, 8)}`,
    owner: "alice",
    uid: 20_001,
    gid: 20_001,
    flavor: "no-gpu",
    arguments: ["true"],
    exact: false,
    annotations: {},
    datasets: [],
    timeLimitSeconds: 600,
    sequence: 1,
    submittedAt: Date.now(),
    ...parts,
  };
}
