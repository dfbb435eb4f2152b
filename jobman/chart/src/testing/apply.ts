import type { Ask } from "@workstation/cluster";
import type { Manifest } from "../render.ts";

/** Sends objects to the API server, in their order, as `kubectl apply --server-side` does. Throws where one is refused. */
export async function applyManifests(ask: Ask, manifests: readonly Manifest[]): Promise<void> {
  const resources = new Map<string, readonly Resource[]>();
  for (const manifest of manifests) {
    const { apiVersion, kind, metadata } = manifest;
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = resources.get(group) ?? (await ask({ path: group })).json().resources;
    resources.set(group, known);
    const found = known.find((each: Resource) => each.kind === kind && !each.name.includes("/"));
    if (found === undefined) throw new Error(`the API server has no ${apiVersion} ${kind}`);
    const within = found.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
    const answer = await ask({
      method: "PATCH",
      path: `${group}${within}/${found.name}/${metadata.name}?fieldManager=chart&force=true`,
      headers: { "content-type": "application/apply-patch+yaml" },
      body: manifest,
    });
    if (answer.status > 201) throw new Error(`${kind} ${metadata.name}: ${answer.text}`);
  }
}

interface Resource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}
