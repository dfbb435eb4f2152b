import { join } from "node:path";
import { type Ask, type ControlPlane, controlPlaneObstacle } from "@workstation/cluster";
import { useControlPlane } from "@workstation/cluster/testing";
import { userManifests } from "@workstation/scheduler/user-manifests";
import { loadSite } from "@workstation/site";
import { beforeAll, vi } from "vitest";
import { chartObstacle } from "../programs.ts";
import { renderChart } from "../render.ts";
import { applyManifests } from "./apply.ts";
import { jobOf, jobsOf } from "./job.ts";

const root = join(import.meta.dirname, "../../../..");

export const site = loadSite(join(root, "site.yaml"));

/** Why the rules cannot be tried here. */
export function rulesObstacle(): string | undefined {
  return controlPlaneObstacle() ?? chartObstacle();
}

/** A control plane with the chart's objects, the namespaces of anna and bob, and no scheduler. */
export interface Rules {
  readonly controlPlane: ControlPlane;
  /** A researcher with every right in `user-anna`. */
  readonly anna: Ask;
  /** The scheduler's account, with the rights that the chart gives it. */
  readonly scheduler: Ask;
  readonly administrator: Ask;
}

export function useRules(values: object = {}): () => Rules {
  const controlPlane = useControlPlane();
  let rules: Rules | undefined;
  beforeAll(async () => {
    const { ask } = controlPlane();
    const [chart] = await Promise.all([
      renderChart(join(root, "jobman/chart"), { values }),
      makeNamespace(ask),
    ]);
    await applyManifests(ask, chart);
    const users = ["anna", "bob"].map((name, index) => ({
      name,
      uid: 20_001 + index,
      gid: 20_001 + index,
      datasets: ["heart", "lung"],
    }));
    for (const user of users) await applyManifests(ask, userManifests(site, user));
    await giveEverything(ask, "anna");
    const account = "system:serviceaccount:workstation:scheduler";
    const anna = await controlPlane().askAs({ user: "anna" });
    const scheduler = await controlPlane().askAs({
      user: account,
      groups: ["system:serviceaccounts", "system:authenticated"],
    });
    await rulesHold(anna);
    rules = { controlPlane: controlPlane(), anna, scheduler, administrator: ask };
  });
  return () => {
    if (rules === undefined) throw new Error("the rules are there in tests and hooks alone");
    return rules;
  };
}

async function makeNamespace(ask: Ask): Promise<void> {
  await applyManifests(ask, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: "workstation" } }]);
}

/** Every verb on every resource of the namespace: more than anybody has, and the most that a site could give by mistake. */
export async function giveEverything(ask: Ask, user: string, namespace = `user-${user}`): Promise<void> {
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" };
  const everything = {
    ...rbac,
    kind: "ClusterRole",
    metadata: { name: "everything" },
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  };
  const bound = {
    ...rbac,
    kind: "RoleBinding",
    metadata: { name: `everything-${user.replaceAll(":", "-")}`, namespace },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "everything" },
    subjects: [{ kind: "User", name: user }],
  };
  await applyManifests(ask, [everything, bound]);
}

/** The API server takes up new policies within a second, in their order, and says so nowhere: the last ones are asked for. */
export async function rulesHold(anna: Ask, image = "ubuntu-python:latest"): Promise<void> {
  const tryout = (job: object): Promise<string> =>
    anna({ method: "POST", path: `${jobsOf("user-anna")}?dryRun=All`, body: job }).then(({ text }) => text);
  const says = async (job: object, words: string): Promise<void> => {
    const said = await tryout(job);
    if (!said.includes(words)) throw new Error(`no rules yet: ${said}`);
  };
  const last = jobOf({ container: { image: "example.org/none" } });
  await vi.waitFor(() => says(last, "may not be run"), 60_000);
  await vi.waitFor(() => says(jobOf({ container: { image } }), '"workstation.job.owner":"anna"'), 60_000);
}
