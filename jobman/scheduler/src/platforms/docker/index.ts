export { createDockerEngine } from "./docker-engine.ts";
export { insistOnSupported } from "./engine/engine-capabilities.ts";
export { createImageCatalogue } from "./images/catalogue.ts";
export { takeLead } from "./lead/lead.ts";
export { createMachineProbe } from "./machine/machine.ts";
export { findUnguarded, guardFolders, unguarded } from "./mounts/guarded-mounts.ts";
