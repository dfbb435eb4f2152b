import type { V1Job, V1PodFailurePolicy, V1PodSpec, V1Secret } from "@kubernetes/client-node";
import { clusterAnnotations, containerLabels, type Site } from "@workstation/site";
import type { JobSpec } from "../../../queue/model.ts";
import type { CreateRequest } from "../../engine.ts";
import type { ResourcesAt } from "../api/server-version.ts";
import { slotParts } from "./admission-patch.ts";
import { environmentName, namespaceOf, objectName } from "./names.ts";
import { podSpec } from "./pod-template.ts";

/** What the objects of one scheduler have in common. */
export interface Belonging {
  readonly site: Site;
  readonly instance: string;
  readonly resourcesAt: ResourcesAt;
}

/**
 * A waiting job: suspended, one pod at most, never tried again. Three limits hold it to its time: the scheduler ends it at
 * the limit; the kubelet, which knows no more than the pod, a `startTimeout` later; the cluster, where the node is lost,
 * after another.
 */
export function heldJob(request: CreateRequest, belonging: Belonging): V1Job {
  const { spec } = request;
  const { site, instance } = belonging;
  const labels = jobLabels(spec, instance);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: objectName(site, spec),
      namespace: namespaceOf(site, spec.owner),
      labels,
      annotations: { [clusterAnnotations.request]: requestText(spec) },
    },
    spec: {
      suspend: true,
      parallelism: 1,
      completions: 1,
      backoffLimit: 0,
      podReplacementPolicy: "Failed",
      podFailurePolicy: tellsItsEnd,
      activeDeadlineSeconds: spec.timeLimitSeconds + 2 * site.kubernetes.startTimeout,
      ttlSecondsAfterFinished: site.retention.endedJobs,
      template: {
        metadata: { labels },
        spec: podOf(request, belonging),
      },
    },
  };
}

/**
 * Has the Job's own conditions say how its pod ended: that it was taken from it, or its exit code. They are there also when
 * the pod is gone. As the policy `workstation-stamp-jobs` writes it.
 */
const tellsItsEnd: V1PodFailurePolicy = {
  rules: [
    { action: "FailJob", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    { action: "FailJob", onExitCodes: { operator: "NotIn", values: [0] } },
  ],
};

function podOf(request: CreateRequest, { site, resourcesAt }: Belonging): V1PodSpec {
  const pod = podSpec(request.spec, {
    site,
    family: isFamilyImage(site, request.spec.image),
    hasEnvironment: Object.keys(ownVariables(request.environment)).length > 0,
  });
  if (resourcesAt === "admission") return pod;
  const slot = { ...request.resources, requestedCores: request.resources.cores };
  const { containers, nodeSelector } = slotParts({ spec: request.spec, slot }, site);
  const [only] = pod.containers;
  return {
    ...pod,
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    containers: only === undefined ? [] : [{ ...only, ...containers[0] }],
  };
}

/** What the job's owner gave, for its own pod and nobody else; goes with the Job. */
export function environmentSecret(request: CreateRequest, job: V1Job): V1Secret | undefined {
  const variables = ownVariables(request.environment);
  const { name = "", namespace = "", uid = "" } = job.metadata ?? {};
  if (Object.keys(variables).length === 0) return undefined;
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: environmentName(name, request.spec.id),
      namespace,
      labels: { ...job.metadata?.labels },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid }],
    },
    immutable: true,
    stringData: variables,
  };
}

/** The names of the workstation are set by the profile. */
function ownVariables(environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("WORKSTATION_")));
}

/** Images that the site names by themselves are somebody else's. */
export function isFamilyImage({ images }: Pick<Site, "images">, reference: string): boolean {
  return !images.allowed.includes(reference);
}

/** By which Job and pod are found, and told apart from those of others. */
function jobLabels(spec: JobSpec, instance: string): Record<string, string> {
  return {
    [containerLabels.instance]: instance,
    [containerLabels.kind]: "job",
    [containerLabels.id]: spec.id,
    [containerLabels.owner]: spec.owner,
    [containerLabels.flavor]: spec.flavor,
  };
}

/** What the object itself cannot show; the command it can, and an environment it must not. */
function requestText(spec: JobSpec): string {
  const { arguments: _, sequence: __, ...rest } = spec;
  return JSON.stringify(rest);
}
