import type { Job } from "@workstation/jobman/protocol";
import type { Ask } from "./scheduler-fixture.ts";
import { until } from "./until.ts";

/** Submits a small job and answers it; fails when it is refused. */
export async function submit(as: Ask, parts: object = {}): Promise<Job> {
  const { status, body, text } = await as("POST", "/v1/jobs", { arguments: ["true"], ...parts });
  if (status !== 201) throw new Error(`refused: ${text}`);
  return body.job;
}

/** Waits until a job is in a state. */
export function inState(as: Ask, name: string, state: string): Promise<Job> {
  return until(`${name} is ${state}`, async () => {
    const { body } = await as("GET", `/v1/jobs/${name}`);
    return body.state === state ? body : undefined;
  });
}
