export type { Engine, EngineEvent, EngineJob, ImageCatalogue, MachineProbe } from "./platforms/engine.ts";
export type { JobRecord, JobSpec, QueueSnapshot } from "./queue/model.ts";
