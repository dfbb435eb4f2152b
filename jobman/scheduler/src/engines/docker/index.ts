export { createImageCatalogue } from "./catalogue.ts";
export { createDockerEngine } from "./docker-engine.ts";
export { insistOnSupported } from "./engine-capabilities.ts";
export { findUnguarded, guardFolders, unguarded } from "./guarded-mounts.ts";
export { takeLead } from "./lead.ts";
export { createMachineProbe } from "./machine.ts";
