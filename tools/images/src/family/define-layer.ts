import { type Distribution, distributions } from "@workstation/site";
import type { Layer } from "./layer.ts";

/** What a layer must say of itself; all else has a default that adds nothing. */
export type LayerDefinition = Pick<Layer, "name" | "description"> &
  Partial<Omit<Layer, "apt">> & {
    /** The distribution's packages: one list where their names are the same in all distributions. */
    readonly apt?: readonly string[] | Layer["apt"];
  };

/** A layer of the family, from what it adds. */
export function defineLayer(definition: LayerDefinition): Layer {
  return {
    kind: "batch",
    variants: [],
    additions: {},
    python: false,
    files: [],
    environment: {},
    ports: [],
    assets: [],
    stages: [],
    ...definition,
    apt: packagesOf(definition.apt ?? []),
  };
}

function packagesOf(apt: readonly string[] | Layer["apt"]): Layer["apt"] {
  if (!isList(apt)) return apt;
  return Object.fromEntries(distributions.map((name) => [name, apt])) as Record<
    Distribution,
    readonly string[]
  >;
}

function isList(apt: readonly string[] | Layer["apt"]): apt is readonly string[] {
  return Array.isArray(apt);
}
