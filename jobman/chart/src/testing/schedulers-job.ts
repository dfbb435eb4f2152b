import { type JobParts, jobOf } from "./job.ts";
import { site } from "./use-rules.ts";

export const limit = 8 * 3600;
const start = site.kubernetes.startTimeout;

const ours = {
  "workstation.instance": "main",
  "workstation.kind": "job",
  "workstation.job.owner": "anna",
  "workstation.job.flavor": "no-gpu",
};
export const securityContext = {
  runAsNonRoot: true,
  runAsUser: 20_001,
  runAsGroup: 20_001,
  fsGroup: 20_001,
  seccompProfile: { type: "RuntimeDefault" },
};
export const closed = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/** A Job as the scheduler sends it, but for what is said. */
export function schedulersJob({ labels, podMetadata, spec, pod, container }: JobParts = {}) {
  return jobOf({
    labels: { ...ours, ...labels },
    podMetadata: { labels: { ...ours, ...labels }, ...podMetadata },
    annotations: { "workstation.job.request": "{}" },
    spec: {
      backoffLimit: 0,
      completions: 1,
      podReplacementPolicy: "Failed",
      activeDeadlineSeconds: limit + 2 * start,
      ttlSecondsAfterFinished: 7 * 24 * 3600,
      ...spec,
    },
    container: { name: "job", securityContext: closed, ...container },
    pod: {
      activeDeadlineSeconds: limit + start,
      terminationGracePeriodSeconds: 30,
      automountServiceAccountToken: false,
      securityContext,
      ...pod,
    },
  });
}
