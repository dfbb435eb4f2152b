import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { controlPlaneObstacle } from "../programs/programs.ts";
import { useControlPlane } from "../testing/fixtures.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

const obstacle = controlPlaneObstacle();
const jobsOf = (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`;
const podsOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

const job = (name: string) => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: {
    template: { spec: { restartPolicy: "Never", containers: [{ name: "job", image: "example.org/none" }] } },
  },
});

const create = (controlPlane: ControlPlane, path: string, body: unknown) =>
  controlPlane.ask({ method: "POST", path, body });

async function pods(controlPlane: ControlPlane): Promise<readonly string[]> {
  const { items } = (await controlPlane.ask({ path: podsOf("default") })).json();
  return items.map(
    (pod: { metadata: { labels: Record<string, string> } }) => pod.metadata.labels["job-name"],
  );
}

describe.skipIf(obstacle !== undefined)(`a control plane ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane();

  test("has the rules that are made for it, also those that change what is created", async () => {
    const { resources } = (
      await controlPlane().ask({ path: "/apis/admissionregistration.k8s.io/v1" })
    ).json();
    const kinds = resources.map((each: { kind: string }) => each.kind);
    expect(kinds).toEqual(
      expect.arrayContaining(["MutatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]),
    );
  });

  test("makes a pod of a Job", async () => {
    expect(await create(controlPlane(), jobsOf("default"), job("seen"))).toMatchObject({ status: 201 });
    await expect.poll(() => pods(controlPlane()), { timeout: 60_000 }).toContain("seen");
  });

  test("writes down who wrote what", async () => {
    await create(controlPlane(), jobsOf("default"), job("written-down"));
    const entries = () =>
      readFileSync(controlPlane().auditLog, "utf8")
        .split("\n")
        .filter((line) => line.includes('"written-down"'))
        .map((line) => JSON.parse(line));
    await expect.poll(entries, { timeout: 60_000 }).toContainEqual(
      expect.objectContaining({
        verb: "create",
        user: expect.objectContaining({ username: "administrator" }),
        objectRef: expect.objectContaining({ resource: "jobs", namespace: "default", name: "written-down" }),
        responseStatus: expect.objectContaining({ code: 201 }),
      }),
    );
  });

  test("lets users do what a role allows, and no more", async () => {
    const anna = await controlPlane().askAs({ user: "anna", groups: ["researchers"] });
    expect(await anna({ path: jobsOf("default") })).toMatchObject({ status: 403 });
    const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
    await create(controlPlane(), roles, {
      metadata: { name: "researchers" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "researchers" }],
    });
    await expect
      .poll(() => anna({ path: jobsOf("default") }), { timeout: 60_000 })
      .toMatchObject({ status: 200 });
    const asked = { method: "POST", path: jobsOf("default"), body: job("not-allowed") };
    expect(await anna(asked)).toMatchObject({ status: 403 });
  });

  test("holds a namespace to the restricted profile of pods", async () => {
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await create(controlPlane(), "/api/v1/namespaces", { metadata: { name: "restricted", labels } });
    const { template } = job("open").spec;
    const refused = await create(controlPlane(), podsOf("restricted"), {
      metadata: { name: "open" },
      ...template,
    });
    expect(refused).toMatchObject({ status: 403, text: expect.stringContaining("allowPrivilegeEscalation") });
  });

  test("does not answer while its server is held, and goes on afterwards", async () => {
    const server = controlPlane().process("kube-apiserver");
    await server.pause();
    const answered = controlPlane()
      .ask({ path: "/readyz" })
      .then(() => "answered");
    expect(await Promise.race([answered, new Promise((held) => setTimeout(held, 500, "held"))])).toBe("held");
    server.resume();
    expect(await answered).toBe("answered");
  });

  test("makes no pods while its controllers are down, and makes them when they are back", async () => {
    const controllers = controlPlane().process("kube-controller-manager");
    await controllers.kill();
    expect(controllers.pid()).toBeUndefined();
    await create(controlPlane(), jobsOf("default"), job("later"));
    expect(await pods(controlPlane())).not.toContain("later");
    await controllers.start();
    await expect.poll(() => pods(controlPlane()), { timeout: 60_000 }).toContain("later");
  });

  test("has its objects again after a crash of its server and its store", async () => {
    await create(controlPlane(), jobsOf("default"), job("kept"));
    const [store, server] = [controlPlane().process("etcd"), controlPlane().process("kube-apiserver")];
    await Promise.all([store.kill(), server.kill()]);
    await expect(controlPlane().ask({ path: "/readyz" })).rejects.toThrow();
    await store.start();
    await server.start();
    expect(await controlPlane().ask({ path: `${jobsOf("default")}/kept` })).toMatchObject({ status: 200 });
  });

  test("knows nothing of another one beside it", async () => {
    const other = await startControlPlane({ controllerManager: false });
    try {
      await create(other, jobsOf("default"), job("elsewhere"));
      const found = await controlPlane().ask({ path: `${jobsOf("default")}/elsewhere` });
      expect(found).toMatchObject({ status: 404 });
      expect(() => other.process("kube-controller-manager")).toThrow("was not started");
    } finally {
      await other.stop();
    }
  });
});
