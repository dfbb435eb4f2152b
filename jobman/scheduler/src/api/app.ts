import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { fastify, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { ApiError, answerFor } from "./api-error.ts";
import { readBoundedJson } from "./limits/json-body.ts";
import { limits } from "./limits/limits.ts";

/** An HTTP application with our rules for validation, errors and logs, and no routes yet. */
export function createApp(logger: FastifyBaseLogger) {
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: limits.bodyBytes,
    logController: new LogController({ disableRequestLogging: true }),
    // A name that is too long is an unknown job, not an unknown route.
    routerOptions: { maxParamLength: 2048 },
    // Paths may hold anything: what cannot be decoded is answered like every other fault.
    frameworkErrors: (error, _request, reply) => void sendError(reply as Pick<FastifyReply, "status">, error),
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  readBoundedJson(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    sendError(reply, new ApiError("NO_SUCH_ROUTE", `there is no ${request.method} ${JSON.stringify(path)}`));
  });
  return app;
}

/** An application whose routes take their types from zod schemas. */
export type App = ReturnType<typeof createApp>;

/** Answers a request that failed; a fault of ours is logged. */
export function answerError(
  error: unknown,
  request: Pick<FastifyRequest, "log">,
  reply: Pick<FastifyReply, "status">,
): void {
  if (sendError(reply, error) === 500) request.log.error({ err: error }, "request failed");
}

function sendError(reply: Pick<FastifyReply, "status">, error: unknown): number {
  const { status, body } = answerFor(error);
  void reply.status(status).send(body);
  return status;
}
