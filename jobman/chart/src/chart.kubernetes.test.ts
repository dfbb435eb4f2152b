import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useControlPlane } from "@workstation/cluster/testing";
import { runLogged } from "@workstation/programs";
import { clusterAnnotations, clusterLabels, containerLabels } from "@workstation/site";
import { afterAll, describe, expect, test } from "vitest";
import { type ChartProgram, chartObstacle, chartProgram } from "./programs.ts";
import { type Manifest, renderChart } from "./render.ts";
import { schemaLocation, writeSchemas } from "./testing/schemas.ts";
import { rulesObstacle } from "./testing/use-rules.ts";

const folder = join(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "workstation-chart-test-"));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const run = (program: ChartProgram, ...argv: readonly string[]): Promise<string> =>
  runLogged([chartProgram(program), ...argv], { log: join(work, "log") });

/** What helm says of it that does not render. */
const refusal = (values: object, namespace = "workstation"): Promise<string> =>
  renderChart(folder, { values, namespace }).then(() => "rendered", String);

const kindsOf = (manifests: readonly Manifest[]): readonly string[] => manifests.map(({ kind }) => kind);

describe.skipIf(chartObstacle() !== undefined)(`the chart, as helm reads it ${chartObstacle() ?? ""}`, () => {
  test("passes helm's linter", async () => {
    expect(await run("helm", "lint", folder, "--strict", "--namespace", "workstation")).toContain(
      "0 chart(s) failed",
    );
  });

  test("is for the namespace that site.yaml names, and no other", async () => {
    expect(await refusal({}, "default")).toContain(
      "site.yaml says that the scheduler is in the namespace workstation",
    );
  });

  test.each([
    [{ replica: 3 }, "replica"],
    [{ replicas: 0 }, "replicas"],
    [{ image: { digest: "latest" } }, "digest"],
    [{ site: { flavors: [{ name: "no-gpu", timeLimit: "8h" }] } }, "timeLimit"],
    [{ policies: { controller: [] } }, "controller"],
  ])("refuses %j", async (values, named) => {
    expect(await refusal(values)).toContain(named);
  });

  test("asks cert-manager for the certificate where the site has an issuer, and makes none then", async () => {
    const issued = await renderChart(folder, {
      values: { tls: { issuer: { name: "site", kind: "ClusterIssuer" } } },
    });
    expect(kindsOf(issued)).toContain("Certificate");
    expect(kindsOf(issued)).not.toContain("Secret");
    const given = await renderChart(folder, { values: { tls: { secret: "mine" } } });
    expect(kindsOf(given)).not.toContain("Secret");
    expect(JSON.stringify(given)).toContain('"secret":{"name":"mine"');
  });

  test("writes the audit to a claim where the site has one", async () => {
    expect(JSON.stringify(await renderChart(folder))).not.toContain("--audit");
    const text = JSON.stringify(await renderChart(folder, { values: { audit: { claim: "audit" } } }));
    expect(text).toContain('"--audit=/var/lib/workstation/audit-$(POD_NAME).jsonl"');
    expect(text).toContain('"persistentVolumeClaim":{"claimName":"audit"}');
  });

  test("has a ServiceMonitor where that is wanted alone", async () => {
    expect(kindsOf(await renderChart(folder))).not.toContain("ServiceMonitor");
    expect(kindsOf(await renderChart(folder, { values: { metrics: { serviceMonitor: true } } }))).toContain(
      "ServiceMonitor",
    );
  });

  test("has no kind of pod that its linter thinks ill of", async () => {
    const file = join(work, "rendered.yaml");
    writeFileSync(file, await run("helm", "template", "workstation", folder, "--namespace", "workstation"));
    // An image is there by its digest or version, and a closed cluster fetches it once.
    const ignored = ["--ignore-test", "container-image-pull-policy"];
    expect(await run("kube-score", "score", file, ...ignored, "--output-format", "ci")).not.toMatch(
      /\[(CRITICAL|WARNING)\]/,
    );
  });

  test("calls labels and annotations as the scheduler does", async () => {
    const schedulersOwn: readonly string[] = [clusterAnnotations.request, clusterAnnotations.passedOver];
    const text = JSON.stringify(await renderChart(folder));
    const { instance, kind, id, owner, flavor } = containerLabels;
    const { managed, user } = clusterLabels;
    const names = [instance, kind, id, owner, flavor, managed, user, ...Object.values(clusterAnnotations)];
    const known = new Set(text.match(/workstation\.(?:job\.)?[a-z-]+(?=[\\"'])/g));
    expect([...known].sort()).toEqual(
      expect.arrayContaining(names.filter((name) => !schedulersOwn.includes(name))),
    );
    for (const name of known) expect([...names, "workstation.checksum"]).toContain(name);
  });
});

const obstacle = rulesObstacle();

describe.skipIf(obstacle !== undefined)(`the chart on an API server ${obstacle ?? ""}`, () => {
  const controlPlane = useControlPlane();
  const helm = (...argv: readonly string[]): Promise<string> =>
    run("helm", ...argv, "--namespace", "workstation", "--kubeconfig", controlPlane().kubeconfig);
  const get = async (path: string) => (await controlPlane().ask({ path })).json();

  test("is made of objects that the server knows every field of", async () => {
    const { ask } = controlPlane();
    const manifests = await renderChart(folder, { tests: true });
    await writeSchemas(ask, manifests, join(work, "schemas"));
    const file = join(work, "all.json");
    const conform = async (items: readonly object[]) => {
      writeFileSync(file, items.map((each) => JSON.stringify(each)).join("\n---\n"));
      return run(
        "kubeconform",
        "-strict",
        "-summary",
        "-schema-location",
        schemaLocation(join(work, "schemas")),
        file,
      );
    };
    expect(await conform(manifests)).toContain(
      `Valid: ${manifests.length}, Invalid: 0, Errors: 0, Skipped: 0`,
    );
    const wrong = { apiVersion: "v1", kind: "Service", metadata: { name: "x" }, spec: { port: 1 } };
    await expect(conform([wrong])).rejects.toThrow("port");
  });

  test("is installed by helm into a namespace that enforces the restricted profile, and its pods may be made", async () => {
    const labels = {
      "pod-security.kubernetes.io/enforce": "restricted",
      "pod-security.kubernetes.io/warn": "restricted",
    };
    await controlPlane().ask({
      method: "POST",
      path: "/api/v1/namespaces",
      body: { metadata: { name: "workstation", labels } },
    });
    const said = await helm("install", "workstation", folder);
    expect(said).toContain("STATUS: deployed");
    expect(said).not.toContain("Warning");
    const pods = async () => (await get("/api/v1/namespaces/workstation/pods")).items.length;
    await expect.poll(pods, { timeout: 60_000 }).toBe(2);
  });

  test("keeps its certificate over an upgrade that changes flavors", async () => {
    const secret = async () => (await get("/api/v1/namespaces/workstation/secrets/scheduler-tls")).data;
    const before = await secret();
    await helm(
      "upgrade",
      "workstation",
      folder,
      "--set-json",
      `site.flavors=[{"name":"no-gpu","timeLimit":60}]`,
    );
    expect(await secret()).toEqual(before);
    const rules = await get("/api/v1/namespaces/workstation/configmaps/queue-rules");
    expect(rules.data["timeLimit.no-gpu"]).toBe("60");
  });

  test("has policies whose expressions the server finds no fault with", async () => {
    const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    const checked = async () =>
      (await get(path)).items.map(
        (each: { status?: { typeChecking?: object } }) => each.status?.typeChecking,
      );
    await expect.poll(checked, { timeout: 60_000 }).not.toContain(undefined);
    for (const found of await checked()) expect(found).toEqual({});
  });

  test("leaves nothing of its own behind", async () => {
    await helm("uninstall", "workstation", "--wait");
    for (const kind of [
      "validatingadmissionpolicies",
      "mutatingadmissionpolicies",
      "validatingadmissionpolicybindings",
    ]) {
      expect((await get(`/apis/admissionregistration.k8s.io/v1/${kind}`)).items).toEqual([]);
    }
  });
});
