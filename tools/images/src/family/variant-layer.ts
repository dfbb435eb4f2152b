import { defineLayer } from "./define-layer.ts";
import type { Layer } from "./layer.ts";
import type { Variant } from "./variants.ts";

/** A layer as one variant has it: the layer itself, and what it adds in that variant. */
export function layerIn(layer: Layer, variant: Variant): Layer {
  const addition = layer.additions?.[variant];
  if (addition === undefined) return layer;
  return {
    ...layer,
    ...addition,
    apt: joinPackages(layer.apt, addition.apt),
    files: [...layer.files, ...(addition.files ?? [])],
    environment: { ...layer.environment, ...addition.environment },
    unusedPackages: [...(layer.unusedPackages ?? []), ...(addition.unusedPackages ?? [])],
  };
}

/** What the lowest layer's variant adds to the image of its plain one, as a layer. */
export function additionAlone(layer: Layer, variant: Variant): Layer {
  const { name, description, kind, variants, python, addsAtMost, majors } = layer;
  return {
    ...defineLayer({ name, description, kind, variants, python }),
    ...(addsAtMost === undefined ? {} : { addsAtMost }),
    ...(majors === undefined ? {} : { majors }),
    ...layer.additions[variant],
  };
}

function joinPackages(apt: Layer["apt"], more: Layer["apt"] | undefined): Layer["apt"] {
  if (more === undefined) return apt;
  return {
    "ubuntu-22.04": [...apt["ubuntu-22.04"], ...more["ubuntu-22.04"]],
    "debian-12": [...apt["debian-12"], ...more["debian-12"]],
  };
}
