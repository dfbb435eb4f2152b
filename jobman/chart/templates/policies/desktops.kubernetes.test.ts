import { describe, expect, test } from "vitest";
import { applyManifests } from "../../src/testing/apply.ts";
import { giveEverything, rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();
const portal = "system:serviceaccount:portal:desktops";
const network = "system:serviceaccount:calico-system:calico-cni-plugin";

/** A desktop as a portal starts it. */
const desktop = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "desktop", namespace: "user-anna" },
  spec: {
    selector: { matchLabels: { app: "desktop" } },
    template: {
      metadata: { labels: { app: "desktop" } },
      spec: {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 20_001,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "desktop",
            image: "ubuntu-desktop:latest",
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          },
        ],
      },
    },
  },
};

describe.skipIf(obstacle !== undefined)(`a portal that the site named ${obstacle ?? ""}`, () => {
  const rules = useRules({ policies: { workloadCreators: [portal], otherControllers: [network] } });
  const deployments = "/apis/apps/v1/namespaces/user-anna/deployments";
  const pods = "/api/v1/namespaces/user-anna/pods";

  test("starts desktops in users' namespaces, which their users do not change", async () => {
    const { administrator, anna, controlPlane } = rules();
    await giveEverything(administrator, portal, "user-anna");
    const desktops = await controlPlane.askAs({ user: portal });
    await applyManifests(desktops, [desktop]);
    const made = async () =>
      (await anna({ path: `${pods}?labelSelector=app%3Ddesktop` })).json().items.length;
    await expect.poll(made, { timeout: 60_000 }).toBe(1);

    const headers = { "content-type": "application/merge-patch+json" };
    const scale = {
      method: "PATCH",
      path: `${deployments}/desktop/scale`,
      headers,
      body: { spec: { replicas: 9 } },
    };
    expect((await anna(scale)).text).toContain("for jobs of the queue, not for deployments");
  });

  test("is not alone: a network plugin that the site named writes on pods, and makes none", async () => {
    const { administrator, controlPlane } = rules();
    await giveEverything(administrator, network, "user-anna");
    const plugin = await controlPlane.askAs({ user: network });
    const { metadata, spec } = (await plugin({ path: pods })).json().items[0];
    const headers = { "content-type": "application/merge-patch+json" };
    const body = { metadata: { annotations: { "cni.projectcalico.org/podIP": "10.0.0.9" } } };
    const path = `${pods}/${metadata.name}`;
    expect(await plugin({ method: "PATCH", path, headers, body })).toMatchObject({ status: 200 });
    expect(await plugin({ method: "PATCH", path: `${path}/status`, headers, body })).toMatchObject({
      status: 200,
    });
    const own = { apiVersion: "v1", kind: "Pod", metadata: { name: "own" }, spec };
    expect((await plugin({ method: "POST", path: pods, body: own })).text).toContain(
      "come from jobs of the queue",
    );
  });

  test("makes no bare pods", async () => {
    const desktops = await rules().controlPlane.askAs({ user: portal });
    const { spec } = desktop.spec.template;
    const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "own" }, spec };
    expect((await desktops({ method: "POST", path: pods, body })).text).toContain(
      "come from jobs of the queue",
    );
  });

  test("leaves users without workloads of their own", async () => {
    const { anna } = rules();
    expect((await anna({ method: "POST", path: deployments, body: desktop })).text).toContain(
      "not for deployments",
    );
  });
});
