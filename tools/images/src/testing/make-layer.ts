import type { Layer } from "../family/layer.ts";

/** A layer that adds nothing, for tests to say what matters to them. */
export function makeLayer(name: string, given: Partial<Layer> = {}): Layer {
  return {
    name,
    description: `the layer ${name}`,
    variants: [],
    apt: { "ubuntu-22.04": [], "debian-12": [] },
    python: false,
    files: [],
    environment: {},
    ports: [],
    assets: [],
    stages: [],
    ...given,
  };
}
