import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterAnnotations, clusterLabels, parseSite } from "@workstation/site";
import { describe, expect, test } from "vitest";
import { userManifests } from "./user-manifests.ts";

const file = readFileSync(join(import.meta.dirname, "../../../../../../site.yaml"), "utf8");
const anna = { name: "anna", uid: 20_001, gid: 20_002, datasets: ["heart", "lung"] };

/** Of the committed site with texts replaced, those of a kind. */
function made(kind: string, ...changes: readonly (readonly [string, string])[]) {
  const text = changes.reduce((all, [from, to]) => all.replace(from, to), file);
  return userManifests(parseSite(text, "site.yaml"), anna).filter((each) => each.kind === kind);
}

const toTheSite = (...changes: readonly (readonly [string, string])[]) =>
  made("NetworkPolicy", ...changes).find(({ metadata }) => metadata.name === "to-the-site")?.spec;

describe("what a user's jobs need in a cluster", () => {
  test("begins with a namespace that says whose it is, as whom its jobs run and what was granted", () => {
    const [first] = userManifests(parseSite(file, "site.yaml"), anna);
    expect(first).toMatchObject({
      kind: "Namespace",
      metadata: {
        name: "user-anna",
        labels: {
          [clusterLabels.managed]: "true",
          [clusterLabels.user]: "anna",
          "pod-security.kubernetes.io/enforce": "restricted",
        },
        annotations: {
          [clusterAnnotations.uid]: "20001",
          [clusterAnnotations.gid]: "20002",
          [clusterAnnotations.datasets]: "heart,lung",
        },
      },
    });
  });

  test("binds the scheduler's account of the site's namespace", () => {
    const elsewhere = ["namespace: workstation", "namespace: queue"] as const;
    expect(made("RoleBinding", elsewhere)).toMatchObject([
      { subjects: [{ kind: "ServiceAccount", name: "scheduler", namespace: "queue" }] },
    ]);
  });

  test("is in one namespace for all where the site has one, which is nobody's", () => {
    const text = file.replace("sharedNamespace: null", "sharedNamespace: all-jobs");
    const all = userManifests(parseSite(text, "site.yaml"), anna);
    expect(
      all.slice(0, 2).map(({ metadata }) => [metadata.name, metadata.labels?.[clusterLabels.user]]),
    ).toEqual([
      ["user-anna", "anna"],
      ["all-jobs", undefined],
    ]);
    const placeOf = (kind: string) =>
      all.filter((each) => each.kind === kind).map(({ metadata }) => metadata.namespace);
    expect([placeOf("RoleBinding"), placeOf("LimitRange"), placeOf("ResourceQuota")]).toEqual([
      ["all-jobs"],
      ["all-jobs"],
      [],
    ]);
    expect(placeOf("NetworkPolicy")).toEqual(["user-anna", "user-anna", "all-jobs", "all-jobs"]);
  });

  test("has a home of its own, and the site's places as volumes that the operator made for it", () => {
    expect(made("PersistentVolumeClaim").map(({ metadata, spec }) => [metadata.name, spec])).toEqual([
      [
        "persistent-shared-folder",
        expect.objectContaining({ volumeName: "user-anna-persistent-shared-folder" }),
      ],
      ["datasets", expect.objectContaining({ accessModes: ["ReadOnlyMany"] })],
      ["datalake", expect.objectContaining({ storageClassName: "" })],
      ["persistent-home", { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "100Gi" } } }],
    ]);
  });

  test("holds one pod of a job more than may run, and no container above the largest flavor", () => {
    expect(made("ResourceQuota")).toContainEqual(
      expect.objectContaining({ spec: { hard: { pods: "2" }, scopes: ["Terminating"] } }),
    );
    expect(made("LimitRange")).toMatchObject([
      { spec: { limits: [{ max: { cpu: "8000m", memory: "64000000000" } }] } },
    ]);
  });

  test("asks for no more than the largest flavor where all are small", () => {
    const small = file.replace(/memory: \d+GB/g, "memory: 64MB").replace(/cores: \d+/g, "cores: 0.05");
    const [range] = userManifests(parseSite(small, "site.yaml"), anna).filter(
      ({ kind }) => kind === "LimitRange",
    );
    const limit = {
      max: { cpu: "2000m", memory: "64000000" },
      defaultRequest: { cpu: "100m", memory: "64000000" },
    };
    expect(range).toMatchObject({ spec: { limits: [limit] } });
  });

  test("lets nobody in, and jobs out to the scheduler and the mirror alone", () => {
    expect(made("NetworkPolicy")[0]).toMatchObject({
      metadata: { name: "closed" },
      spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    });
    const namespaces = (name: string) => ({ matchLabels: { "kubernetes.io/metadata.name": name } });
    expect(toTheSite()).toMatchObject({
      egress: [
        { to: [{ namespaceSelector: namespaces("workstation") }], ports: [{ port: 8443 }] },
        { to: [{ namespaceSelector: namespaces("package-repos-proxy") }], ports: [{ port: 3141 }] },
        { to: [{ namespaceSelector: namespaces("kube-system") }], ports: [{ port: 53 }, { port: 53 }] },
      ],
    });
  });

  test("reaches services by their address, and asks for no names where none is needed", () => {
    const mirror = [
      "http://py-repo-service.package-repos-proxy:3141/root/pypi/+simple/",
      "https://10.0.0.7/simple/",
    ] as const;
    const trusted = ["trustedHost: py-repo-service.package-repos-proxy", "trustedHost: 10.0.0.7"] as const;
    const services = ["services: [] #", "services: [{ host: 10.0.0.5, port: 5432 }] #"] as const;
    expect(toTheSite(mirror, trusted, services)).toMatchObject({
      egress: [
        expect.anything(),
        { to: [{ ipBlock: { cidr: "10.0.0.7/32" } }], ports: [{ port: 443 }] },
        { to: [{ ipBlock: { cidr: "10.0.0.5/32" } }], ports: [{ port: 5432 }] },
      ],
    });
  });
});
