import type { V1Job, V1Pod } from "@kubernetes/client-node";
import { containerLabels } from "@workstation/site";
import { clusterSite } from "../../testing/cluster-site.ts";
import { readJob } from "../objects/read-job.ts";
import { readPod } from "../objects/read-pod.ts";

const site = clusterSite();
/** Of a job of alice's. */
export const jobLabels = {
  [containerLabels.instance]: "main",
  [containerLabels.kind]: "job",
  [containerLabels.id]: "id-1",
  [containerLabels.owner]: "alice",
  [containerLabels.flavor]: "no-gpu",
};
const created = "2026-01-01T00:00:00Z";
/** Seconds of one minute. */
export const at = (seconds: number) => `2026-01-01T00:00:${String(seconds).padStart(2, "0")}Z`;
export const ms = (seconds: number) => Date.parse(at(seconds));

/** A Job with a limit of a minute, as the engine reads it. */
export function jobView(parts: { spec?: object; status?: object; metadata?: object } = {}) {
  const whole = {
    metadata: {
      uid: "u1",
      resourceVersion: "10",
      name: "train",
      namespace: "user-alice",
      creationTimestamp: created,
      labels: jobLabels,
      ...parts.metadata,
    },
    spec: {
      suspend: false,
      activeDeadlineSeconds: 60 + 2 * 5,
      template: { spec: { containers: [{ name: "job", image: "i" }], activeDeadlineSeconds: 60 + 5 } },
      ...parts.spec,
    },
    status: parts.status ?? {},
  };
  return readJob(whole as unknown as V1Job, { instance: "main", site });
}

/** A pod of it, or none where it is nobody's. */
export function podViews(status: object, metadata: object = {}) {
  const whole = {
    metadata: {
      uid: "p1",
      resourceVersion: "11",
      name: "train-abc",
      namespace: "user-alice",
      labels: jobLabels,
      ownerReferences: [{ kind: "Job", name: "train", uid: "u1", apiVersion: "batch/v1" }],
      ...metadata,
    },
    spec: { containers: [{ name: "job", image: "registry.example.org/x:1" }] },
    status,
  };
  const view = readPod(whole as unknown as V1Pod, { instance: "main", site });
  return view === undefined ? [] : [view];
}
