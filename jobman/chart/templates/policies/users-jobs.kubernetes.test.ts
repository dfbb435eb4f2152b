import { describe, expect, test } from "vitest";
import { type JobParts, jobOf, jobsOf } from "../../src/testing/job.ts";
import { rulesObstacle, useRules } from "../../src/testing/use-rules.ts";

const obstacle = rulesObstacle();

const claim = (name: string, readOnly?: boolean) => ({
  volumes: [{ name: "data", persistentVolumeClaim: { claimName: name, readOnly } }],
});
const mount = (parts: object = {}) => ({ volumeMounts: [{ name: "data", mountPath: "/data", ...parts }] });

const dataRefusal = "a claim is mounted as the site has it";
const placeRefusal = "where and before whom a job runs";
const sizeRefusal = "what a job may use is its flavor's";
const ourNames = "labels and annotations that begin with workstation.";
const withContainers = (...names: string[]) => ({
  containers: names.map((name) => ({ name, image: "ubuntu-python:latest" })),
});

describe.skipIf(obstacle !== undefined)(`a Job that comes by kubectl ${obstacle ?? ""}`, () => {
  const rules = useRules();

  const send = (parts: JobParts) =>
    rules().anna({ method: "POST", path: `${jobsOf("user-anna")}?dryRun=All`, body: jobOf(parts) });

  test.each<[string, JobParts]>([
    [
      "a granted dataset, read-only",
      { pod: claim("datasets"), container: mount({ subPath: "heart", readOnly: true }) },
    ],
    [
      "a folder of it",
      { pod: claim("datasets", true), container: mount({ subPath: "lung/2024", readOnly: true }) },
    ],
    ["the user's home", { pod: claim("persistent-home"), container: mount() }],
    [
      "the datalake of a user with datasets",
      { pod: claim("datalake"), container: mount({ readOnly: true }) },
    ],
    [
      "a secret of the namespace",
      { pod: { volumes: [{ name: "data", secret: { secretName: "own" } }] }, container: mount() },
    ],
  ])("may see %s", async (_, parts) => {
    const answer = await send(parts);
    expect(answer.status, answer.text).toBe(201);
  });

  test.each<[string, JobParts, string]>([
    ["several pods at once", { spec: { parallelism: 5, completions: 5 } }, "a job is one pod"],
    ["none that counts", { spec: { parallelism: 0 } }, "a job is one pod"],
    ["an index", { spec: { completionMode: "Indexed", completions: 1 } }, "a job is one pod"],
    ["restarts inside of the pod", { pod: { restartPolicy: "OnFailure" } }, "a job runs once"],
    [
      "failures that do not count",
      {
        spec: {
          podFailurePolicy: {
            rules: [{ action: "Ignore", onExitCodes: { operator: "NotIn", values: [0] } }],
          },
        },
      },
      "a job runs once",
    ],
    ["another controller", { spec: { managedBy: "example.org/mine" } }, "the cluster's own controller"],
    ["a second container", { pod: withContainers("one", "two") }, "one container"],
    [
      "work before its work",
      { pod: { initContainers: [{ name: "i", image: "ubuntu-python:latest" }] } },
      "no init container",
    ],
    ["another account", { pod: { serviceAccountName: "robot" } }, "holds no rights in the cluster"],
    ["an id", { labels: { "workstation.job.id": "of-another" } }, ourNames],
    ["the scheduler's word", { annotations: { "workstation.job.request": "{}" } }, ourNames],
    ["labels on the pod alone", { podMetadata: { labels: { "workstation.job.id": "x" } } }, ourNames],
    [
      "another network",
      { podMetadata: { annotations: { "k8s.v1.cni.cncf.io/networks": "open" } } },
      "carries labels alone",
    ],
    ["more than a program can be given", { container: { args: ["x".repeat(524_289)] } }, "512 KiB"],
    [
      "an environment of that size",
      { container: { env: [{ name: "X", value: "x".repeat(524_289) }] } },
      "512 KiB",
    ],
    [
      "that its pod stays for ever",
      { podMetadata: { finalizers: ["example.org/keep"] } },
      "carries labels alone",
    ],
    ["to outlive its end", { metadata: { finalizers: ["orphan"] } }, "no finalizers and no owner"],
    [
      "an owner",
      {
        metadata: {
          ownerReferences: [
            { apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "0b9a3b5c-0000-4000-8000-000000000000" },
          ],
        },
      },
      "no finalizers and no owner",
    ],
    ["memory", { container: { resources: { limits: { memory: "512Gi" } } } }, sizeRefusal],
    ["a GPU", { container: { resources: { limits: { "nvidia.com/gpu": 1 } } } }, sizeRefusal],
    [
      "devices by a claim",
      { pod: { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] } },
      sizeRefusal,
    ],
    ["resources of the pod", { pod: { resources: { limits: { cpu: "64" } } } }, sizeRefusal],
    ["a node", { pod: { nodeName: "node-1" } }, placeRefusal],
    ["kinds of nodes", { pod: { nodeSelector: { gpu: "a30" } } }, placeRefusal],
    ["a scheduler of its own", { pod: { schedulerName: "mine" } }, placeRefusal],
    ["tainted nodes", { pod: { tolerations: [{ operator: "Exists" }] } }, placeRefusal],
    ["affinity", { pod: { affinity: { podAffinity: {} } } }, placeRefusal],
    ["priority", { pod: { priorityClassName: "system-cluster-critical" } }, placeRefusal],
    ["another runtime", { pod: { runtimeClassName: "kata" } }, placeRefusal],
    ["gates", { pod: { schedulingGates: [{ name: "example.org/later" }] } }, placeRefusal],
    ["the node's network", { pod: { hostNetwork: true } }, "nothing of its node"],
    ["the node's processes", { pod: { hostPID: true } }, "nothing of its node"],
    ["the node's users", { pod: { hostUsers: true } }, "nothing of its node"],
    [
      "a hook",
      { container: { lifecycle: { postStart: { exec: { command: ["sleep", "inf"] } } } } },
      "no probes and no hooks",
    ],
    [
      "a probe with a grace of its own",
      {
        container: {
          livenessProbe: { exec: { command: ["false"] }, terminationGracePeriodSeconds: 864_000 },
        },
      },
      "no probes and no hooks",
    ],
    [
      "any image",
      { container: { image: "example.org/miner:latest" } },
      "example.org/miner:latest may not be run",
    ],
    ["an image that begins alike", { container: { image: "ubuntu-python-evil:latest" } }, "may not be run"],
    [
      "a registry that is called as an image",
      { container: { image: "ubuntu-python:5000/evil" } },
      "may not be run",
    ],
    [
      "a folder of the node",
      { pod: { volumes: [{ name: "data", hostPath: { path: "/" } }] }, container: mount() },
      "the volumes of a job",
    ],
    [
      "a file server",
      { pod: { volumes: [{ name: "data", nfs: { server: "x", path: "/" } }] }, container: mount() },
      "the volumes of a job",
    ],
    [
      "a token by a volume",
      {
        pod: {
          volumes: [
            {
              name: "data",
              projected: { sources: [{ serviceAccountToken: { path: "t", audience: "jobman" } }] },
            },
          ],
        },
        container: mount(),
      },
      "the volumes of a job",
    ],
    [
      "a claim that is made for it",
      {
        pod: {
          volumes: [
            {
              name: "data",
              ephemeral: {
                volumeClaimTemplate: {
                  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Ti" } } },
                },
              },
            },
          ],
        },
        container: mount(),
      },
      "the volumes of a job",
    ],
    ["another claim", { pod: claim("homes-of-all"), container: mount() }, "the site's claims alone"],
    ["all datasets at once", { pod: claim("datasets"), container: mount({ readOnly: true }) }, dataRefusal],
    [
      "a dataset that was not granted",
      { pod: claim("datasets"), container: mount({ subPath: "brain", readOnly: true }) },
      dataRefusal,
    ],
    [
      "one that begins as a granted one",
      { pod: claim("datasets"), container: mount({ subPath: "heart-secret", readOnly: true }) },
      dataRefusal,
    ],
    [
      "a dataset by a variable",
      { pod: claim("datasets"), container: mount({ subPathExpr: "$(X)", readOnly: true }) },
      dataRefusal,
    ],
    ["to write a dataset", { pod: claim("datasets"), container: mount({ subPath: "heart" }) }, dataRefusal],
    ["to write the datalake", { pod: claim("datalake"), container: mount() }, dataRefusal],
  ])("asks for %s and is refused", async (_, parts, said) => {
    const answer = await send(parts);
    expect(answer.status, answer.text).toBeOneOf([403, 422]);
    expect(answer.json().message).toContain(said);
  });
});
