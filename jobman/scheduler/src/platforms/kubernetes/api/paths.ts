/** The paths of the API, in the words of its own documentation. `namespace` absent: in all of them. */
export const paths = {
  jobs: (namespace?: string) => within("/apis/batch/v1", "jobs", namespace),
  job: (namespace: string, name: string) => `${within("/apis/batch/v1", "jobs", namespace)}/${name}`,
  pods: (namespace?: string) => within("/api/v1", "pods", namespace),
  pod: (namespace: string, name: string) => `${within("/api/v1", "pods", namespace)}/${name}`,
  secrets: (namespace: string) => within("/api/v1", "secrets", namespace),
  configMaps: (namespace: string) => within("/api/v1", "configmaps", namespace),
  configMap: (namespace: string, name: string) => `${within("/api/v1", "configmaps", namespace)}/${name}`,
  leases: (namespace: string) => within("/apis/coordination.k8s.io/v1", "leases", namespace),
  lease: (namespace: string, name: string) =>
    `${within("/apis/coordination.k8s.io/v1", "leases", namespace)}/${name}`,
  claims: (namespace: string) => within("/api/v1", "persistentvolumeclaims", namespace),
  volumes: () => "/api/v1/persistentvolumes",
  namespaces: () => "/api/v1/namespaces",
  nodes: () => "/api/v1/nodes",
  tokenReviews: () => "/apis/authentication.k8s.io/v1/tokenreviews",
  version: () => "/version",
} as const;

function within(group: string, plural: string, namespace: string | undefined): string {
  return namespace === undefined ? `${group}/${plural}` : `${group}/namespaces/${namespace}/${plural}`;
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
