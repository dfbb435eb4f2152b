export type { Engine, EngineEvent, EngineJob, ImageCatalogue, MachineProbe } from "./engines/engine.ts";
export type { JobRecord, JobSpec, QueueSnapshot } from "./queue/model.ts";
