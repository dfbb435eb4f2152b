import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useControlPlane } from "@workstation/cluster/testing";
import { afterAll, describe, expect, test } from "vitest";
import { renderChart } from "../src/render.ts";
import { applyManifests } from "../src/testing/apply.ts";
import { rulesObstacle } from "../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const folder = mkdtempSync(join(tmpdir(), "workstation-guard-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
copyFileSync(join(import.meta.dirname, "workstation-guard.yaml"), join(folder, "workstation-guard.yaml"));

/** What the API server is started with, as docs/operate/kubernetes.md has it. */
const admission = {
  apiVersion: "apiserver.config.k8s.io/v1",
  kind: "AdmissionConfiguration",
  plugins: [
    {
      name: "ValidatingAdmissionPolicy",
      configuration: {
        apiVersion: "apiserver.config.k8s.io/v1",
        kind: "ValidatingAdmissionPolicyConfiguration",
        staticManifestsDir: folder,
      },
    },
  ],
};
const policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";

describe.skipIf(obstacle !== undefined)(`the guard of the policies ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane({
    admission,
    serverFlags: ["--feature-gates=ManifestBasedAdmissionControlConfig=true"],
    controllerManager: false,
  });

  test("lets those who install the chart do so, and cluster administrators neither change nor remove a rule", async () => {
    const { ask } = controlPlane();
    const groups = ["system:masters", "workstation:installers"];
    const installer = await controlPlane().askAs({ user: "installer", groups });
    await ask({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: "workstation" } } });
    await applyManifests(installer, await renderChart(join(import.meta.dirname, "..")));

    const said = "the rules of the queue are changed by its installation alone";
    const name = "workstation-kept-jobs";
    for (const path of [`${policies}/${name}`, `${policies.replace("policies", "policybindings")}/${name}`]) {
      expect((await ask({ method: "DELETE", path })).text).toContain(said);
    }
    const headers = { "content-type": "application/merge-patch+json" };
    const open = { spec: { validations: [{ expression: "true" }] } };
    expect((await ask({ method: "PATCH", path: `${policies}/${name}`, headers, body: open })).text).toContain(
      said,
    );
    const rules = "/api/v1/namespaces/workstation/configmaps/queue-rules";
    expect(
      (await ask({ method: "PATCH", path: rules, headers, body: { data: { images: "" } } })).text,
    ).toContain(said);
    expect((await ask({ method: "DELETE", path: policies })).text).toContain(said);
    const maps = "/api/v1/namespaces/workstation/configmaps";
    expect((await ask({ method: "DELETE", path: maps })).text).toContain(said);
    expect(await ask({ method: "POST", path: maps, body: { metadata: { name: "other" } } })).toMatchObject({
      status: 201,
    });
  });

  test("is reached by nobody through the API", async () => {
    const { ask } = controlPlane();
    expect((await ask({ path: `${policies}/workstation-guard.static.k8s.io` })).status).toBe(404);
    expect(
      await ask({ method: "DELETE", path: `${policies}/workstation-guard.static.k8s.io` }),
    ).toMatchObject({ status: 404 });
  });
});
