import { randomUUID } from "node:crypto";
import type { JobSpec } from "../queue/index.ts";

/** Jobs as real ones are, each of a user of its own, in the order of their submission. */
export function makeWaitingSpecs(count: number): readonly JobSpec[] {
  return Array.from({ length: count }, (_, index) => {
    const home = "/home/chaimeleon/persistent-home";
    const spec = {
      id: randomUUID(),
      name: `job-${index}`,
      owner: `user-${index}`,
      uid: 20_000 + index,
      gid: 20_000 + index,
      image: "ubuntu-python:latest",
      flavor: "no-gpu",
      arguments: [
        "python3",
        `${home}/train.py`,
        "--fold",
        String(index % 5),
        "--out",
        `${home}/out-${index}`,
      ],
      exact: false,
      annotations: {},
      datasets: [`dataset-${index % 50}`],
      timeLimitSeconds: 28_800,
      cores: 8,
      memoryBytes: 64e9,
      sequence: index + 1,
      submittedAt: Date.now() - 1000 * (count - index),
    };
    // As an engine hands it over: read from its label.
    return JSON.parse(JSON.stringify(spec)) as JobSpec;
  });
}
