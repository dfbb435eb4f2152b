import type { JobRecord, JobSpec } from "../model.ts";
import { queuedRecord } from "../reduce.ts";

/** A complete specification for tests and simulations; what a case does not name is ordinary. */
export function makeSpec(values: Partial<JobSpec> & { readonly sequence: number }): JobSpec {
  const id = values.id ?? `id-${values.sequence}`;
  return {
    id,
    name: `job-${values.sequence}`,
    owner: "ada",
    uid: 1000,
    gid: 1000,
    image: "ubuntu-python:latest",
    flavor: "no-gpu",
    arguments: ["true"],
    exact: false,
    annotations: {},
    datasets: [],
    timeLimitSeconds: 100,
    submittedAt: 0,
    ...values,
  };
}

/** A waiting job; `more` changes the record. */
export function waitingJob(
  values: Partial<JobSpec> & { readonly sequence: number },
  more: Partial<JobRecord> = {},
): JobRecord {
  return { ...queuedRecord(makeSpec(values)), ...more };
}

/** A job that runs since `startedAt`. */
export function runningJob(
  values: Partial<JobSpec> & { readonly sequence: number },
  startedAt = 0,
  more: Partial<JobRecord> = {},
): JobRecord {
  return waitingJob(values, { state: "running", reason: "Running", startedAt, holdsSlot: true, ...more });
}
