import { expect, test } from "vitest";
import { clusterImage, clusterSite } from "../../testing/cluster-site.ts";
import { makeSpec } from "../../testing/job-spec.ts";
import { admissionPatch } from "./admission-patch.ts";
import { checkJobTemplate } from "./check-job-template.ts";
import { environmentSecret, heldJob } from "./job-object.ts";
import { objectName } from "./names.ts";
import { podSpec } from "./pod-template.ts";

const site = clusterSite();
const spec = makeSpec({ image: "ubuntu-python:latest", datasets: ["a", "b"], name: "train" });
const around = { site, family: true, hasEnvironment: false };
const belonging = { site, instance: "main", resourcesAt: "admission" } as const;
const slot = { cores: 8, memoryBytes: 64e9, requestedCores: 4 };

test("datasets are folders of one claim, to read; the homes are the user's own claims", () => {
  const [container] = podSpec(spec, around).containers;
  const data = container?.volumeMounts?.filter(({ name }) => name.startsWith("data-"));
  expect(data?.map(({ mountPath, subPath, readOnly }) => [mountPath, subPath, readOnly])).toEqual([
    ["/home/chaimeleon/persistent-home", undefined, false],
    ["/home/chaimeleon/persistent-shared-folder", undefined, false],
    ["/home/chaimeleon/datasets/a", "a", true],
    ["/home/chaimeleon/datasets/b", "b", true],
    ["/mnt/datalake", undefined, true],
  ]);
});

test("claims may be named by user and dataset; what the site says there is none of is left out", () => {
  const volumes = {
    persistentHome: { claim: "homes", subPath: "{user}" },
    sharedFolder: null,
    datasets: { claim: "dataset-{id}" },
    datalake: null,
  };
  const own = { ...site, kubernetes: { ...site.kubernetes, volumes } };
  const pod = podSpec(spec, { ...around, site: own });
  const claims = pod.volumes?.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
  expect(claims).toEqual(["homes", "dataset-a", "dataset-b"]);
  const none = { ...own, kubernetes: { ...own.kubernetes, volumes: { ...volumes, datasets: null } } };
  expect(() => podSpec(spec, { ...around, site: none })).toThrow(
    expect.objectContaining({ code: "DATASETS_NOT_HERE" }),
  );
});

test("no byte of an argument or variable is taken for a reference", () => {
  const given = ["$(HOME)", "$$", "a$b", "$"];
  const pod = podSpec({ ...spec, arguments: given }, around);
  expect(pod.containers[0]?.args).toEqual(["$$(HOME)", "$$$$", "a$$b", "$$"]);
});

test("`-c` replaces the entry command of an image that is not the family's, and is told to our own entrypoint", () => {
  const exact = { ...spec, exact: true, arguments: ["run", "it"] };
  expect(podSpec(exact, { ...around, family: false }).containers[0]).toMatchObject({
    command: ["run", "it"],
  });
  const [own] = podSpec(exact, around).containers;
  expect([own?.command, own?.args]).toEqual([undefined, ["run", "it"]]);
  expect(own?.env).toContainEqual({ name: "WORKSTATION_EXACT", value: "1" });
});

test("what its owner gave is in an object of its own, and never in the Job", () => {
  const request = { spec, resources: slot, environment: { TOKEN: "secret-value", WORKSTATION_CORES: "99" } };
  const job = heldJob(request, belonging);
  expect(JSON.stringify(job)).not.toContain("secret-value");
  const named = job.spec?.template.spec?.containers[0]?.envFrom?.[0]?.secretRef?.name;
  const secret = environmentSecret(request, { ...job, metadata: { ...job.metadata, uid: "u1" } });
  expect(secret).toMatchObject({
    metadata: { name: named },
    immutable: true,
    stringData: { TOKEN: "secret-value" },
  });
  expect(secret?.stringData).not.toHaveProperty("WORKSTATION_CORES");
  expect(environmentSecret({ ...request, environment: {} }, job)).toBeUndefined();
});

test("a waiting Job has none of its slot's resources where they can be given with it, else from the start", () => {
  const request = { spec, resources: slot, environment: {} };
  expect(heldJob(request, belonging).spec?.template.spec?.containers[0]).not.toHaveProperty("resources");
  const older = heldJob(request, { ...belonging, resourcesAt: "creation" });
  expect(older.spec?.template.spec?.containers[0]?.resources?.limits).toEqual({
    cpu: "8000m",
    memory: "64000000000",
  });
  const patch = (resourcesAt: "admission" | "creation") =>
    admissionPatch({ spec, slot }, { site, version: "7", resourcesAt });
  expect(patch("creation").spec).toEqual({ suspend: false });
  expect(patch("admission")).toMatchObject({
    metadata: { resourceVersion: "7" },
    spec: {
      suspend: false,
      template: { spec: { containers: [{ name: "job", resources: { requests: { cpu: "4000m" } } }] } },
    },
  });
});

test("a flavor's extended resources and nodes come with its slot", () => {
  const flavors = { "no-gpu": { resources: { "example.org/gpu": 2 }, nodeSelector: { zone: "a" } } };
  const own = { ...site, kubernetes: { ...site.kubernetes, flavors } };
  const patch = admissionPatch({ spec, slot }, { site: own, version: "7", resourcesAt: "admission" });
  expect(patch.spec.template?.spec).toMatchObject({
    nodeSelector: { zone: "a" },
    containers: [{ resources: { limits: { "example.org/gpu": "2" } } }],
  });
});

test("what the site says of all jobs' nodes reaches those that were made by hand, too", () => {
  const jobTemplate = {
    nodeSelector: { jobs: "yes", zone: "b" },
    tolerations: [{ key: "jobs", operator: "Exists" }],
  };
  const flavors = { "no-gpu": { resources: {}, nodeSelector: { zone: "a" } } };
  const own = { ...site, kubernetes: { ...site.kubernetes, flavors, jobTemplate } };
  const patch = admissionPatch({ spec, slot }, { site: own, version: "7", resourcesAt: "admission" });
  expect(patch.spec.template?.spec).toMatchObject({
    nodeSelector: { jobs: "yes", zone: "a" },
    tolerations: [{ key: "jobs", operator: "Exists" }],
  });
});

test("where all share a namespace, users cannot take each other's names, and a name's length is kept", () => {
  const shared = { kubernetes: { ...site.kubernetes, sharedNamespace: "jobs" } };
  const names = ["alice", "bob"].map((owner) => objectName(shared, { owner, name: "a".repeat(63) }));
  expect(new Set(names).size).toBe(2);
  for (const name of names) expect(name).toMatch(/^a{54}-[0-9a-f]{8}$/);
  expect(objectName(site, { owner: "alice", name: "train" })).toBe("train");
});

test("the site's template adds where jobs may run, and cannot change what a job is", () => {
  const tolerations = [{ key: "jobs", operator: "Exists" }];
  const own = { ...site, kubernetes: { ...site.kubernetes, jobTemplate: { tolerations } } };
  checkJobTemplate(own);
  expect(podSpec(spec, { ...around, site: own })).toMatchObject({ tolerations, restartPolicy: "Never" });
  const wrong = { kubernetes: { ...site.kubernetes, jobTemplate: { hostNetwork: true } } };
  expect(() => checkJobTemplate(wrong)).toThrow(
    expect.objectContaining({ code: "SITE_INVALID", message: expect.stringContaining("hostNetwork") }),
  );
});

test("another image of the site's own list has no start of ours", () => {
  const job = heldJob(
    { spec: { ...spec, image: clusterImage }, resources: slot, environment: {} },
    belonging,
  );
  const home = job.spec?.template.spec?.volumes?.[0]?.emptyDir;
  expect(home).toEqual({ medium: "Memory" });
});
