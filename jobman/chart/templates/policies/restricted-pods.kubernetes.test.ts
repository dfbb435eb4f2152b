import { describe, expect, test } from "vitest";
import { type JobParts, jobOf, jobsOf } from "../../src/testing/job.ts";
import { closed, schedulersJob, securityContext } from "../../src/testing/schedulers-job.ts";
import { rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();

/** What the standard *restricted* asks of a pod, each taken away once (Pod Security Standards, Kubernetes 1.36). */
const weaker: readonly (readonly [string, JobParts])[] = [
  ["privileges gained", { container: { securityContext: { ...closed, allowPrivilegeEscalation: true } } }],
  ["its capabilities", { container: { securityContext: { allowPrivilegeEscalation: false } } }],
  [
    "one capability more",
    { container: { securityContext: { ...closed, capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] } } } },
  ],
  ["all of the machine", { container: { securityContext: { privileged: true } } }],
  ["root", { pod: { securityContext: { ...securityContext, runAsNonRoot: false } } }],
  ["uid 0", { pod: { securityContext: { ...securityContext, runAsUser: 0 } } }],
  [
    "no filter of system calls",
    { pod: { securityContext: { ...securityContext, seccompProfile: { type: "Unconfined" } } } },
  ],
  ["the node's network", { pod: { hostNetwork: true } }],
  ["the node's processes", { pod: { hostPID: true } }],
  ["a folder of the node", { pod: { volumes: [{ name: "node", hostPath: { path: "/" } }] } }],
  ["a port of the node", { container: { ports: [{ containerPort: 80, hostPort: 80 }] } }],
  [
    "another proc",
    { container: { securityContext: { ...closed, procMount: "Unmasked" } }, pod: { hostUsers: false } },
  ],
  [
    "a setting of the kernel",
    { pod: { securityContext: { ...securityContext, sysctls: [{ name: "kernel.msgmax", value: "1" }] } } },
  ],
];

describe.skipIf(obstacle !== undefined)(`a pod of the restricted profile ${obstacle ?? ""}`, () => {
  const rules = useRules();

  const make = (parts: JobParts) => {
    const { metadata, spec } = schedulersJob(parts).spec.template;
    const body = { apiVersion: "v1", kind: "Pod", metadata: { ...metadata, name: "try" }, spec };
    const path = "/api/v1/namespaces/user-anna/pods?dryRun=All";
    return rules().administrator({ method: "POST", path, body });
  };

  test("is taken by a user's namespace without a warning, and so is its Job", async () => {
    expect(await make({})).toMatchObject({ status: 201, warnings: [] });
    const path = `${jobsOf("user-anna")}?dryRun=All`;
    const job = await rules().scheduler({ method: "POST", path, body: schedulersJob() });
    expect(job).toMatchObject({ status: 201, warnings: [] });
  });

  test("is what a plain Job of kubectl's makes, too", async () => {
    const path = `${jobsOf("user-anna")}?dryRun=All`;
    expect(await rules().anna({ method: "POST", path, body: jobOf({}) })).toMatchObject({
      status: 201,
      warnings: [],
    });
  });

  test.each(weaker)("is refused with %s, also from an operator", async (_, parts) => {
    const answer = await make(parts);
    expect(answer.status, answer.text).toBeOneOf([403, 422]);
    expect(answer.text).toMatch(/violates PodSecurity|is invalid/);
  });
});
