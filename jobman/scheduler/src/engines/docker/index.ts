export { createImageCatalogue } from "./catalogue.ts";
export { createDockerEngine } from "./docker-engine.ts";
export { takeLead } from "./lead.ts";
export { createMachineProbe } from "./machine.ts";
