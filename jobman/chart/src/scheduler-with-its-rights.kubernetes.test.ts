import { readFileSync } from "node:fs";
import { clusterObstacle } from "@workstation/cluster";
import { plainImage } from "@workstation/scheduler/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chartObstacle } from "./programs.ts";
import { jobOf, jobsOf } from "./testing/job.ts";
import { type OneNode, startOneNode } from "./testing/one-node.ts";

const schedulerAccount = "system:serviceaccount:workstation:scheduler";

const obstacle = clusterObstacle() ?? chartObstacle();

interface Audited {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
}

describe.skipIf(obstacle !== undefined)(
  `the real scheduler under the chart's rules and rights ${obstacle ?? ""}`,
  () => {
    let node: OneNode;
    beforeAll(async () => {
      node = await startOneNode();
    });
    afterAll(() => node?.dispose());

    interface Sent {
      readonly flavor: string;
      readonly command: readonly string[];
      /** Asked whether it would be taken. */
      readonly dryRun?: boolean;
    }

    const send = (name: string, { flavor, command, dryRun = false }: Sent) => {
      const labels = { "workstation.job.flavor": flavor };
      const body = jobOf({ name, labels, container: { image: plainImage, command } });
      const path = `${jobsOf("user-anna")}${dryRun ? "?dryRun=All" : ""}`;
      return node.anna({ method: "POST", path, body });
    };

    /** Until the scheduler has counted what has ended. */
    const sent = (...job: Parameters<typeof send>) =>
      expect.poll(async () => (await send(...job)).status, { timeout: 60_000 }).toBe(201);
    const statusOf = async (name: string) =>
      (await node.anna({ path: `${jobsOf("user-anna")}/${name}` })).json().status;
    const conditionsOf = async (name: string): Promise<readonly string[]> =>
      ((await statusOf(name)).conditions ?? []).map((each: { type: string }) => each.type);

    test("runs a job of jobman's to its exit code, with its environment and its output", async () => {
      const ended = await node.jobman(
        ...["submit", "--wait", "-j", "seven", "-r", "long", "-e", "GREETING=hello"],
        ...["--", "sh", "-c", "echo $GREETING from $(id -u); exit 7"],
      );
      expect(ended, node.log()).toMatchObject({
        code: 7,
        stdout: expect.stringContaining("hello from 20001"),
      });
    });

    test("lets a Job of kubectl's go when its turn has come, and ends it at its flavor's limit", async () => {
      await sent("by-hand", { flavor: "short", command: ["sleep", "600"] });
      await expect.poll(() => conditionsOf("by-hand"), { timeout: 60_000 }).toContain("Failed");
      const { code, stdout } = await node.jobman("details", "by-hand");
      expect([code, stdout]).toEqual([0, expect.stringMatching(/limit|deadline|expired/i)]);
    });

    test("has a second Job refused in the API server while the first is active, and takes one when that is gone", async () => {
      await sent("first", { flavor: "long", command: ["sleep", "600"] });
      const second = async () =>
        (await send("second", { flavor: "long", command: ["true"], dryRun: true })).text;
      await expect.poll(second, { timeout: 60_000 }).toContain("you have 1 active job(s)");
      expect(await node.jobman("delete", "first")).toMatchObject({ code: 0 });
      await sent("third", { flavor: "long", command: ["true"] });
      await expect.poll(() => conditionsOf("third"), { timeout: 60_000 }).toContain("Complete");
    });

    test("takes the object of an ended job away when its user has no more use for it", async () => {
      expect(await node.jobman("delete", "seven")).toMatchObject({ code: 0 });
      const status = async () => (await node.anna({ path: `${jobsOf("user-anna")}/seven` })).status;
      await expect.poll(status, { timeout: 60_000 }).toBe(404);
    });

    test("was refused nothing, and used every right that it has", () => {
      const own = readFileSync(node.cluster.controlPlane.auditLog, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Audited)
        .filter(({ user }) => user.username === schedulerAccount);
      const refused = own.filter(({ responseStatus }) => [401, 403, 422].includes(responseStatus?.code ?? 0));
      expect(refused).toEqual([]);
      const used = new Set(own.filter(({ objectRef }) => objectRef !== undefined).map(rightOf));
      expect([...used].sort()).toEqual(granted);
    });
  },
);

/** What templates/scheduler/rights.yaml gives, and where it was used. */
const granted = [
  "create configmaps in its own namespace",
  "create configmaps in a user's",
  "create jobs in a user's",
  "create leases in its own namespace",
  "create secrets in a user's",
  "create tokenreviews everywhere",
  "delete jobs in a user's",
  "get configmaps in its own namespace",
  "get configmaps in a user's",
  "get jobs in a user's",
  "get leases in its own namespace",
  "get pods/log in a user's",
  "list jobs everywhere",
  "list namespaces everywhere",
  "list nodes everywhere",
  "list pods everywhere",
  "patch jobs in a user's",
  "patch pods in a user's",
  "update configmaps in its own namespace",
  "update configmaps in a user's",
  "update leases in its own namespace",
  "watch jobs everywhere",
  "watch namespaces everywhere",
  "watch pods everywhere",
].sort();

function rightOf({ verb, objectRef }: Audited): string {
  const { resource, subresource, namespace } = objectRef ?? {};
  return `${verb} ${resource}${subresource === undefined ? "" : `/${subresource}`} ${placeOf(namespace)}`;
}

function placeOf(namespace: string | undefined): string {
  if (namespace === undefined) return "everywhere";
  if (namespace === "workstation") return "in its own namespace";
  return namespace.startsWith("user-") ? "in a user's" : `in ${namespace}`;
}
