import type { OfferedFlavor } from "../platforms/capacity.ts";
import type { Gpu } from "../platforms/engine.ts";
import type { JobSpec } from "../queue/index.ts";

/**
 * The flavor with the least more of what a job lacked that has as much of everything else and the same kind of GPU;
 * none where the job's own flavor is no longer offered, because nothing tells which GPU it had.
 */
export function adviseFlavor(
  spec: JobSpec,
  flavors: readonly OfferedFlavor[],
  lacked: "memory" | "time",
): OfferedFlavor | undefined {
  const own = flavors.find(({ name }) => name === spec.flavor);
  if (own === undefined) return undefined;
  const had = {
    cores: spec.cores ?? own.resources.cores,
    memory: spec.memoryBytes ?? own.resources.memoryBytes,
    time: spec.timeLimitSeconds,
  };
  return flavors
    .map((flavor) => ({ flavor, has: amounts(flavor) }))
    .filter(({ flavor }) => flavor.usableSlots > 0 && isSameKind(flavor.gpu, own.gpu))
    .filter(({ has }) => has.cores >= had.cores && has.memory >= had.memory && has.time >= had.time)
    .filter(({ has }) => has[lacked] > had[lacked])
    .toSorted((a, b) => a.has[lacked] - b.has[lacked])[0]?.flavor;
}

function amounts({ resources, timeLimitSeconds }: OfferedFlavor) {
  return { cores: resources.cores, memory: resources.memoryBytes, time: timeLimitSeconds };
}

function isSameKind(a: Gpu | undefined, b: Gpu | undefined): boolean {
  return a?.model === b?.model && a?.memoryBytes === b?.memoryBytes;
}
