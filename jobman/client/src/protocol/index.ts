export * from "./errors.ts";
export * from "./job.ts";
export * from "./log.ts";
export * from "./queue.ts";
export * from "./routes.ts";
