import type { Ask } from "@workstation/cluster";

/** An object for the API server. */
interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
}

/** Kinds by the name that the API server has for many of them. */
const clusterWide = ["Namespace", "PersistentVolume"];

/** Makes objects as `kubectl apply --server-side` does, in their order. Throws where one is refused. */
export async function apply(ask: Ask, manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest;
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const within = clusterWide.includes(kind) ? "" : `/namespaces/${metadata.namespace}`;
    const { status, text } = await ask({
      method: "PATCH",
      path: `${group}${within}/${pluralOf(kind)}/${metadata.name}?fieldManager=workstation-cluster&force=true`,
      headers: { "content-type": "application/apply-patch+yaml" },
      body: manifest,
    });
    if (status > 201) throw new Error(`${kind} ${metadata.name}: ${text}`);
  }
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  return name.endsWith("y") ? `${name.slice(0, -1)}ies` : `${name}s`;
}
