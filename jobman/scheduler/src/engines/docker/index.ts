export { createImageCatalogue } from "./catalogue.ts";
export { createDockerEngine, type DockerEngineOptions } from "./docker-engine.ts";
export { type LockHolder, lockScheduler, type SchedulerLock } from "./lock.ts";
export { createMachineProbe } from "./machine.ts";
