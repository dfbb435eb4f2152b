import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ask } from "@workstation/cluster";
import type { Manifest } from "../render.ts";

/** Where kubeconform finds what `writeSchemas` wrote to a folder. */
export const schemaLocation = (folder: string): string =>
  join(folder, "{{ .ResourceKind }}{{ .KindSuffix }}.json");

/**
 * The API server's own description of each kind among the manifests, as schemas that allow no field it does not know.
 * A kind of which it knows nothing gets none.
 */
export async function writeSchemas(ask: Ask, manifests: readonly Manifest[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const apiVersion of new Set(manifests.map((each) => each.apiVersion))) {
    const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
    const answer = await ask({ path: `/openapi/v3/${path}` });
    if (answer.status !== 200) continue;
    const schemas = strict(answer.json().components.schemas) as Readonly<Record<string, Described>>;
    for (const [name, described] of Object.entries(schemas)) {
      const kind = described["x-kubernetes-group-version-kind"]?.[0];
      if (kind === undefined) continue;
      // Of the group the first word, as kubeconform has it: deployment-apps-v1, networkpolicy-networking-v1, pod-v1.
      const group = kind.group === "" ? "" : `-${kind.group.split(".")[0]}`;
      const file = `${kind.kind.toLowerCase()}${group}-${kind.version}.json`;
      const schema = { $ref: `#/components/schemas/${name}`, components: { schemas } };
      writeFileSync(join(folder, file), JSON.stringify(schema));
    }
  }
}

interface Described {
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** Objects with known fields have no others. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, strict(value)]));
  const known = inner.type === "object" && "properties" in inner && !("additionalProperties" in inner);
  return known ? { ...inner, additionalProperties: false } : inner;
}
