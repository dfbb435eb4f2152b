import { expect, test } from "vitest";
import { clusterSite } from "../../testing/cluster-site.ts";
import { ClusterError } from "../api/cluster-error.ts";
import type { EngineContext } from "../context.ts";
import { jobView } from "../testing/views.ts";
import { stopVainWait } from "./stop-vain-wait.ts";

/** One job waits, of the flavor `no-gpu`; the rules in the API server are these. */
async function stop(rules: object | ClusterError) {
  const view = jobView({ spec: { suspend: true } });
  const stopped: unknown[] = [];
  const context = {
    site: clusterSite(),
    tracker: { find: () => view, take: (job: unknown) => stopped.push(job) },
    connection: {
      ask: async (method: string, path: string) => {
        if (method !== "GET") return path;
        if (rules instanceof ClusterError) throw rules;
        return { data: rules };
      },
    },
  } as unknown as EngineContext;
  const ended = await stopVainWait(context, ["id-1"]).then(
    () => "stopped",
    (error: unknown) => String(error),
  );
  return { ended, stopped };
}

test("a job of a flavor that the rules know, too, waits for a scheduler that knows it", async () => {
  const { ended, stopped } = await stop({ "timeLimit.no-gpu": "3600" });
  expect(ended).toContain("the flavor no-gpu is newer");
  expect(stopped).toEqual([]);
});

test.each([
  ["do not know the flavor any more", { "timeLimit.other": "3600" }],
  ["are not there", new ClusterError("not found", { status: 404 })],
])("where the rules %s it is ended", async (_, rules) => {
  expect(await stop(rules)).toMatchObject({ ended: "stopped", stopped: [expect.any(String)] });
});

test("where the rules cannot be read nothing is ended", async () => {
  const { ended, stopped } = await stop(new ClusterError("busy", { status: 429 }));
  expect([ended, stopped]).toEqual(["ClusterError: busy", []]);
});
