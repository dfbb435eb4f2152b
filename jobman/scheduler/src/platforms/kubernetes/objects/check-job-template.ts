import { UserError } from "@workstation/cli";
import type { Site } from "@workstation/site";

/** What a site may say of every job's pod; all else is the queue's own, or a promise to the job's owner. */
const allowed = [
  "affinity",
  "dnsConfig",
  "dnsPolicy",
  "imagePullSecrets",
  "nodeSelector",
  "preemptionPolicy",
  "priorityClassName",
  "runtimeClassName",
  "schedulerName",
  "tolerations",
  "topologySpreadConstraints",
];

/** Throws `SITE_INVALID` for a template that would change what a job is. */
export function checkJobTemplate({ kubernetes }: Pick<Site, "kubernetes">): void {
  const wrong = Object.keys(kubernetes.jobTemplate).find((key) => !allowed.includes(key));
  if (wrong === undefined) return;
  const message = `kubernetes.jobTemplate.${wrong} cannot be set: it is the queue's to say`;
  throw new UserError("SITE_INVALID", message, { hint: `it may have: ${allowed.join(", ")}` });
}
