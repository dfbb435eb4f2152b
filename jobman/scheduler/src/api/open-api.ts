import type { FastifyBaseLogger } from "fastify";
import { createMetrics } from "../metrics/metrics.ts";
import type { Listeners, Platform } from "../platforms/platform.ts";
import { makeStatus, type SchedulerFacts } from "../status/make-status.ts";
import { createAdminApp } from "./admin-app.ts";
import { createGuard } from "./limits/guard.ts";
import { limits } from "./limits/limits.ts";
import type { Services } from "./services.ts";
import { createUserApp } from "./user-app.ts";

/** The API as it is served. */
export interface OpenApi extends Listeners {
  /** Resolves when the operator asked for an end. */
  readonly stopAsked: Promise<void>;
}

/** Serves users and operator through what the platform listens on. */
export async function openApi(
  platform: Platform,
  parts: {
    readonly services: Services;
    readonly facts: SchedulerFacts;
    readonly logger: FastifyBaseLogger;
  },
): Promise<OpenApi> {
  const { services, facts, logger } = parts;
  const { core, presenter } = services;
  const { promise: stopAsked, resolve: stop } = Promise.withResolvers<void>();
  const userApp = createUserApp(services, logger);
  const adminApp = createAdminApp(services, {
    logger,
    status: () => makeStatus(facts, { core, presenter, report: platform.report() }),
    metrics: createMetrics(core, platform.refusals),
    rescanUsers: platform.rescan,
    stop,
  });
  await Promise.all([userApp.ready(), adminApp.ready()]);
  const guard = createGuard(() => performance.now());
  const listeners = await platform.listen({
    forUser: () => guard.listenerFor(userApp.routing),
    forOperator: adminApp.routing,
    turns: { longMs: limits.longTurnMs, restFactor: limits.restFactor },
    onFault: (fault) => core.faults.note("socket", fault),
  });
  return {
    stopAsked,
    close: async () => {
      await listeners.close();
      await userApp.close();
    },
  };
}
