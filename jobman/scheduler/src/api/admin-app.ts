import { apiErrorSchema, jobSchema } from "@workstation/jobman/protocol";
import type { FastifyBaseLogger } from "fastify";
import { z } from "zod";
import { ApiError } from "../errors/api-error.ts";
import { deleteJob } from "../jobs/delete.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { type SchedulerStatus, statusSchema } from "../status/admin-protocol.ts";
import { type App, createApp } from "./app.ts";
import type { Services } from "./services.ts";

/** What the operator may ask, through a socket that only the scheduler's own account reaches. */
export function createAdminApp(
  services: Services,
  options: {
    readonly logger: FastifyBaseLogger;
    readonly status: () => SchedulerStatus;
    readonly metrics: Metrics;
    readonly rescanUsers: () => Promise<void>;
    readonly stop: () => void;
  },
): App {
  const app = createApp({
    logger: options.logger,
    audience: "operator",
    noteFault: services.core.faults.note,
  });
  app.get(
    "/v1/status",
    { schema: { response: { 200: statusSchema, default: apiErrorSchema } } },
    options.status,
  );
  app.get("/metrics", (_request, reply) => {
    reply.type(options.metrics.contentType);
    return options.metrics.text();
  });
  app.post("/v1/users/rescan", async () => {
    await options.rescanUsers();
    return { apiVersion: "v1" };
  });
  app.post("/v1/stop", () => {
    options.stop();
    return { apiVersion: "v1" };
  });
  addJobRoute(app, services);
  return app;
}

function addJobRoute(app: App, { core, presenter }: Services): void {
  const params = z.object({ owner: z.string(), name: z.string() });
  app.delete(
    "/v1/users/:owner/jobs/:name",
    { schema: { params, response: { 200: jobSchema, default: apiErrorSchema } } },
    async ({ params: { owner, name } }) => {
      const record = core.records.find(owner, name);
      if (record === undefined)
        throw new ApiError("NO_SUCH_JOB", `${owner} has no job ${JSON.stringify(name)}`);
      return presenter.present(await deleteJob(core, record, "operator"));
    },
  );
}
