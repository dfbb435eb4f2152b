import type { FastifyBaseLogger } from "fastify";
import { type App, createApp } from "./app.ts";
import { authenticateFirst } from "./asker.ts";
import { addFlavorRoute } from "./flavors.ts";
import { addImageRoutes } from "./images.ts";
import { addJobStreamRoutes } from "./job-streams.ts";
import { addJobRoutes } from "./jobs.ts";
import { addOpenApiRoute } from "./openapi.ts";
import { addQueueRoute } from "./queue.ts";
import type { Services } from "./services.ts";

/** What users may ask: version 1 of the API. */
export function createUserApp(services: Services, logger: FastifyBaseLogger): App {
  const noteFault = services.core.faults.note;
  const makeApp = (): App => createApp({ logger, audience: "user", noteFault });
  const app = makeApp();
  authenticateFirst(app, services.authenticate);
  const addRoutes = (target: App): void => {
    addJobRoutes(target, services);
    addJobStreamRoutes(target, services);
    addQueueRoute(target, services);
    addFlavorRoute(target, services);
    addImageRoutes(target, services);
  };
  addRoutes(app);
  addOpenApiRoute(app, { version: services.version, addRoutes, makeApp });
  return app;
}
