import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Has an API server's audit log tell what was asked of Jobs; for `serverFlags`. */
export function auditOfJobs(): readonly string[] {
  const file = join(mkdtempSync(join(tmpdir(), "workstation-audit-")), "policy.yaml");
  const policy = {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
      { level: "Request", verbs: ["patch"], resources: [{ group: "batch", resources: ["jobs"] }] },
      { level: "Metadata" },
    ],
  };
  writeFileSync(file, JSON.stringify(policy));
  return [`--audit-policy-file=${file}`];
}

/** Of each Job of these namespaces' users how often a request to let it go was carried out, by `namespace/name`. */
export function admissionsIn(auditLog: string, since: Date): ReadonlyMap<string, number> {
  const admissions = new Map<string, number>();
  for (const line of readFileSync(auditLog, "utf8").split("\n")) {
    if (line === "") continue;
    const { requestObject, objectRef, responseStatus, requestReceivedTimestamp } = JSON.parse(line);
    if (requestObject?.spec?.suspend !== false || responseStatus?.code !== 200) continue;
    if (Date.parse(requestReceivedTimestamp) < since.getTime()) continue;
    const job = `${objectRef.namespace}/${objectRef.name}`;
    admissions.set(job, (admissions.get(job) ?? 0) + 1);
  }
  return admissions;
}
