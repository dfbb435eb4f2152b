const core = "/api/v1";
const batch = "/apis/batch/v1";
const coordination = "/apis/coordination.k8s.io/v1";

/** The paths of the API, in the words of its own documentation. `namespace` absent: in all of them. */
export const paths = {
  jobs: (namespace?: string) => within(batch, "jobs", namespace),
  job: (namespace: string, name: string) => named(within(batch, "jobs", namespace), name),
  pods: (namespace?: string) => within(core, "pods", namespace),
  pod: (namespace: string, name: string) => named(within(core, "pods", namespace), name),
  secrets: (namespace: string) => within(core, "secrets", namespace),
  configMaps: (namespace: string) => within(core, "configmaps", namespace),
  configMap: (namespace: string, name: string) => named(within(core, "configmaps", namespace), name),
  leases: (namespace: string) => within(coordination, "leases", namespace),
  lease: (namespace: string, name: string) => named(within(coordination, "leases", namespace), name),
  claims: (namespace: string) => within(core, "persistentvolumeclaims", namespace),
  volumes: () => within(core, "persistentvolumes"),
  namespaces: () => within(core, "namespaces"),
  nodes: () => within(core, "nodes"),
  tokenReviews: () => within("/apis/authentication.k8s.io/v1", "tokenreviews"),
  version: () => "/version",
} as const;

function within(group: string, plural: string, namespace?: string): string {
  return namespace === undefined
    ? `${group}/${plural}`
    : `${named(`${group}/namespaces`, namespace)}/${plural}`;
}

/** Names are checked long before this; one that is not could still name nothing else. */
function named(collection: string, name: string): string {
  return `${collection}/${encodeURIComponent(name)}`;
}

/** A path with a query; what is undefined is left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return path;
  return `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
