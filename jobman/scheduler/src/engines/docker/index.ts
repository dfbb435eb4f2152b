export { createImageCatalogue } from "./catalogue.ts";
export { createDockerEngine } from "./docker-engine.ts";
export { lockScheduler } from "./lock.ts";
export { createMachineProbe } from "./machine.ts";
