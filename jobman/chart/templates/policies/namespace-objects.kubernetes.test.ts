import type { Ask } from "@workstation/cluster";
import { describe, expect, test } from "vitest";
import { giveEverything, rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const merge = { "content-type": "application/merge-patch+json" };
const core = "/api/v1/namespaces/user-anna";

describe.skipIf(obstacle !== undefined)(
  `a claim in the namespace of a user who may do everything in it ${obstacle ?? ""}`,
  () => {
    const rules = useRules();

    const refused = async (asked: Parameters<Ask>[0], said: string) => {
      const answer = await rules().anna(asked);
      expect(answer.status, answer.text).toBeOneOf([403, 422]);
      expect(answer.text).toContain(said);
    };

    test("keeps what it is bound to, and its marks", async () => {
      const path = `${core}/persistentvolumeclaims/persistent-home`;
      await refused(
        { method: "PATCH", path, headers: merge, body: { spec: { volumeName: "home-of-bob" } } },
        "are your operator's",
      );
      const mark = (metadata: object) => ({
        method: "PATCH",
        path: `${path}?dryRun=All`,
        headers: merge,
        body: { metadata },
      });
      const marked = mark({ annotations: { "volume.kubernetes.io/selected-node": "x" } });
      await refused(marked, "are your operator's");
      await refused(mark({ finalizers: ["example.org/keep"] }), "are your operator's");
      const { administrator, controlPlane } = rules();
      for (const [namespace, status] of [
        ["storage", 200],
        ["user-anna", 422],
      ] as const) {
        const user = `system:serviceaccount:${namespace}:driver`;
        await giveEverything(administrator, user, "user-anna");
        const driver = await controlPlane.askAs({ user });
        expect((await driver(marked)).status).toBe(status);
      }
    });
  },
);
