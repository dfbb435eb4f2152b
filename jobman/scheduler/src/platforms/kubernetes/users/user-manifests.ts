import { clusterAnnotations, clusterLabels, type Site } from "@workstation/site";
import type { User } from "../../user.ts";
import type { UserManifest } from "./manifest.ts";
import { networkPolicies } from "./network-policies.ts";
import { type Storage, storageClaims } from "./storage-claims.ts";

/**
 * All that a user's jobs need in a cluster: the namespace, which says whose it is, as whom its jobs run and which datasets
 * were granted; its storage, limits and network; and the scheduler's rights in it. Where the site has one namespace for
 * all jobs, that comes with it, the same for every user. Applying them again changes nothing. Namespaces come first.
 */
export function userManifests(site: Site, user: User, storage: Storage = {}): readonly UserManifest[] {
  const own = `${site.kubernetes.namespacePrefix}${user.name}`;
  const shared = site.kubernetes.sharedNamespace;
  const namespace = shared ?? own;
  return [
    namespaceOf(own, user),
    ...(shared === null ? [] : [namespaceForAll(shared), ...networkPolicies(site, own)]),
    schedulerBinding(site, namespace),
    ...(shared === null ? resourceQuotas(site, namespace) : []),
    limitRange(site, namespace),
    ...networkPolicies(site, namespace),
    ...storageClaims(site, { namespace, user: user.name, storage }),
  ];
}

const restricted = {
  "pod-security.kubernetes.io/enforce": "restricted",
  "pod-security.kubernetes.io/warn": "restricted",
};

function namespaceOf(name: string, user: User): UserManifest {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name,
      labels: { [clusterLabels.managed]: "true", [clusterLabels.user]: user.name, ...restricted },
      annotations: {
        [clusterAnnotations.uid]: String(user.uid),
        [clusterAnnotations.gid]: String(user.gid),
        [clusterAnnotations.datasets]: user.datasets.join(","),
      },
    },
  };
}

/** It belongs to no user, so that the scheduler alone makes jobs in it. */
function namespaceForAll(name: string): UserManifest {
  const labels = { [clusterLabels.managed]: "true", ...restricted };
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

/** The scheduler writes where there is such a binding, and nowhere else; the chart has the role. */
function schedulerBinding({ kubernetes }: Site, namespace: string) {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "workstation-scheduler", namespace },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "workstation-scheduler-jobs",
    },
    subjects: [{ kind: "ServiceAccount", name: "scheduler", namespace: kubernetes.namespace }],
  };
}

/** What no job needs, and what a site may have given rights to all the same. */
const few = [
  "serviceaccounts",
  "podtemplates",
  "controllerrevisions.apps",
  "leases.coordination.k8s.io",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
];

/** What a user may leave in the cluster's store, and how many pods of jobs there may be, scheduler or not. */
function resourceQuotas({ limits, retention }: Site, namespace: string): readonly UserManifest[] {
  const kept = retention.perUser + limits.maxActiveJobsPerUser;
  const objects = {
    "count/jobs.batch": String(kept + 20),
    "count/secrets": String(kept + 100),
    "count/configmaps": "100",
    ...Object.fromEntries(few.map((kind) => [`count/${kind}`, "10"])),
  };
  // Pods with a deadline are those of jobs. One more than may run: the quota hears of an end after the scheduler did.
  const running = { pods: String(limits.maxActiveJobsPerUser + 1) };
  return [
    quota(namespace, "objects", { hard: objects }),
    quota(namespace, "running-jobs", { hard: running, scopes: ["Terminating"] }),
  ];
}

function quota(namespace: string, name: string, spec: object): UserManifest {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name, namespace }, spec };
}

/** A container that says nothing of itself gets no more than the largest flavor has. */
function limitRange({ flavors, limits }: Site, namespace: string): UserManifest {
  const cores = Math.max(...flavors.map((flavor) => flavor.burstCores ?? flavor.cores));
  const memory = Math.max(...flavors.map((flavor) => flavor.memory));
  const most = { cpu: milliCores(cores), memory: String(memory) };
  const least = { cpu: milliCores(Math.min(cores, 0.1)), memory: String(Math.min(memory, 128e6)) };
  const container = {
    type: "Container",
    max: most,
    default: { ...most, "ephemeral-storage": String(limits.scratch) },
    defaultRequest: { ...least, "ephemeral-storage": "0" },
  };
  return {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "largest-flavor", namespace },
    spec: { limits: [container] },
  };
}

function milliCores(cores: number): string {
  return `${Math.ceil(cores * 1000)}m`;
}
