import type { Ask } from "@workstation/cluster";
import { describe, expect, test } from "vitest";
import { type JobParts, jobOf, jobsOf } from "../../src/testing/job.ts";
import { rulesObstacle, site, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const noGpu = 8 * 3600;
const start = site.kubernetes.startTimeout;

describe.skipIf(obstacle !== undefined)(
  `a Job that comes by kubectl, with no scheduler there ${obstacle ?? ""}`,
  () => {
    const rules = useRules();

    const send = (parts: JobParts, ask: Ask = rules().anna, namespace = "user-anna") =>
      ask({ method: "POST", path: `${jobsOf(namespace)}?dryRun=All`, body: jobOf(parts) });

    /** What becomes of it. */
    const made = async (parts: JobParts, ask?: Ask) => {
      const answer = await send(parts, ask);
      expect(answer.text).toContain('"kind":"Job"');
      return answer.json();
    };

    test("waits, is its namespace's user's, and has the default flavor with its deadlines", async () => {
      const labels = {
        "workstation.instance": "main",
        "workstation.kind": "job",
        "workstation.job.owner": "anna",
        "workstation.job.flavor": "no-gpu",
      };
      const { metadata, spec } = await made({});
      expect(metadata.labels).toEqual(labels);
      expect(spec).toMatchObject({
        suspend: true,
        parallelism: 1,
        completions: 1,
        backoffLimit: 0,
        podReplacementPolicy: "Failed",
        podFailurePolicy: {
          rules: [
            { action: "FailJob", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
            { action: "FailJob", onExitCodes: { operator: "NotIn", values: [0] } },
          ],
        },
        activeDeadlineSeconds: noGpu + 2 * start,
        ttlSecondsAfterFinished: 7 * 24 * 3600,
        template: {
          metadata: { labels },
          spec: {
            activeDeadlineSeconds: noGpu + start,
            terminationGracePeriodSeconds: 30,
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            restartPolicy: "Never",
            containers: [{ name: "job" }],
          },
        },
      });
    });

    test("runs as the namespace's user, as the restricted profile wants it", async () => {
      const { template } = (await made({ pod: { securityContext: { runAsUser: 20_002 } } })).spec;
      expect(template.spec.securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 20_001,
        runAsGroup: 20_001,
        seccompProfile: { type: "RuntimeDefault" },
      });
      expect(template.spec.containers[0].securityContext).toEqual({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    });

    test("gets the flavor that it asks for, and that flavor's deadlines", async () => {
      const { spec } = await made({ labels: { "workstation.job.flavor": "large-gpu" } });
      expect(spec.activeDeadlineSeconds).toBe(24 * 3600 + 2 * start);
    });

    test("is refused with a deadline that is none", async () => {
      const answer = await send({ spec: { activeDeadlineSeconds: -5 } });
      expect(answer.text).toContain("may run for at most");
    });

    test("keeps a shorter deadline as the time that it may run", async () => {
      const { spec } = await made({ spec: { activeDeadlineSeconds: 60 } });
      expect([spec.activeDeadlineSeconds, spec.template.spec.activeDeadlineSeconds]).toEqual([
        60 + 2 * start,
        60 + start,
      ]);
    });

    test.each<[string, JobParts, object]>([
      ["to start at once", { spec: { suspend: false } }, { suspend: true }],
      [
        "for more time",
        { spec: { activeDeadlineSeconds: 9_999_999 } },
        { activeDeadlineSeconds: noGpu + 2 * start },
      ],
      [
        "for a longer grace",
        { pod: { terminationGracePeriodSeconds: 86_400 } },
        { template: { spec: { terminationGracePeriodSeconds: 30 } } },
      ],
      ["to be tried again", { spec: { backoffLimit: 6 } }, { backoffLimit: 0 }],
      [
        "to be kept for ever",
        { spec: { ttlSecondsAfterFinished: 2_000_000_000 } },
        { ttlSecondsAfterFinished: 7 * 24 * 3600 },
      ],
      [
        "for a token",
        { pod: { automountServiceAccountToken: true } },
        { template: { spec: { automountServiceAccountToken: false } } },
      ],
    ])("asks %s in vain", async (_, parts, spec) => {
      expect((await made(parts)).spec).toMatchObject(spec);
    });

    test("is held even when an operator sends it, and is never another's", async () => {
      const parts = { labels: { "workstation.job.owner": "bob" }, spec: { suspend: false } };
      const job = await made(parts, rules().administrator);
      expect(job.spec.suspend).toBe(true);
      expect(job.metadata.labels["workstation.job.owner"]).toBe("anna");
    });

    test("of an unknown flavor is refused with the flavors that there are", async () => {
      const { text } = await send({ labels: { "workstation.job.flavor": "huge-gpu" } });
      expect(text).toContain('there is no flavor \\"huge-gpu\\"');
      expect(text).toContain("small-gpu, medium-gpu, large-gpu, no-gpu");
    });
  },
);
