import type { Flavor, Job, LogPiece } from "../protocol/index.ts";

/** A job for tests: waiting in `no-gpu`, and what `fields` says. */
export function makeJob(fields: Partial<Job> = {}): Job {
  return {
    name: "job1",
    id: "0f8b0b43",
    image: "ubuntu-python:latest",
    flavor: "no-gpu",
    command: ["python", "x.py"],
    datasets: [],
    annotations: {},
    state: "queued",
    reason: "WaitingForSlot",
    message: "waits for a slot",
    submittedAt: "2026-01-02T10:00:00.000Z",
    timeLimitSeconds: 28_800,
    memoryBytes: 32e9,
    cores: 8,
    ...fields,
  };
}

/** A job that runs since ten o'clock. */
export function makeRunningJob(fields: Partial<Job> = {}): Job {
  return makeJob({
    state: "running",
    reason: "Running",
    message: "runs",
    startedAt: "2026-01-02T10:00:00.000Z",
    ...fields,
  });
}

/** A job that ran for three seconds and succeeded. */
export function makeEndedJob(fields: Partial<Job> = {}): Job {
  return makeRunningJob({
    state: "succeeded",
    reason: "Completed",
    message: "succeeded after 00:00:03",
    endedAt: "2026-01-02T10:00:03.000Z",
    exitCode: 0,
    ...fields,
  });
}

/** A piece of output whose cursor is its number. */
export function makeLine(
  number: number,
  data = `line ${number}\n`,
  stream: "stdout" | "stderr" = "stdout",
): LogPiece {
  return { time: "2026-01-02T10:00:01.000Z", stream, data, cursor: String(number) };
}

export function makeFlavor(fields: Partial<Flavor> = {}): Flavor {
  return {
    name: "no-gpu",
    slots: 4,
    usableSlots: 4,
    running: 0,
    waiting: 0,
    cores: 8,
    memoryBytes: 64e9,
    promisedCores: 8,
    promisedMemoryBytes: 64e9,
    timeLimitSeconds: 28_800,
    isDefault: true,
    ...fields,
  };
}
