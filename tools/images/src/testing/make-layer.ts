import { defineLayer, type LayerDefinition } from "../family/define-layer.ts";
import type { Layer } from "../family/layer.ts";

/** A layer that adds nothing, for tests to say what matters to them. */
export function makeLayer(name: string, given: Partial<LayerDefinition> = {}): Layer {
  return defineLayer({ name, description: `the layer ${name}`, ...given });
}
