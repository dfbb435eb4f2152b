import type { AdmissionRequest } from "../platforms/engine.ts";
import type { JobSpec } from "../queue/index.ts";
import type { Core } from "./core.ts";

/** What the engine is asked for: the job, and what a slot of its flavor gives it here. */
export function requestFor(core: Pick<Core, "flavors">, spec: JobSpec): AdmissionRequest {
  const flavor = core.flavors().find((each) => each.name === spec.flavor);
  return {
    spec,
    resources: {
      cores: spec.cores ?? flavor?.resources.cores ?? 1,
      memoryBytes: spec.memoryBytes ?? flavor?.resources.memoryBytes ?? leastMemory,
    },
    ...(flavor?.gpu === undefined ? {} : { gpu: flavor.gpu }),
  };
}

/** For a job whose flavor is gone and that names no figure itself; it never starts, because it has no slot. */
const leastMemory = 64e6;
