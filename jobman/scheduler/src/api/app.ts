import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from "fastify";
import { fastify, LogController } from "fastify";
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { ApiError } from "../errors/api-error.ts";
import { type Audience, answerFor, isOperatorsFault } from "./answer-for.ts";
import { readBoundedJson } from "./limits/json-body.ts";
import { limits } from "./limits/limits.ts";

export interface AppOptions {
  readonly logger: FastifyBaseLogger;
  readonly audience: Audience;
  /** Told of what only the operator can mend, with the way out. */
  readonly noteFault: (where: string, fault: string) => void;
}

/** An HTTP application with our rules for validation, errors and logs, and no routes yet. */
export function createApp(options: AppOptions) {
  const app = fastify({
    loggerInstance: options.logger,
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
  app.setErrorHandler((error, request, reply) => answerError(options, { error, request, reply }));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    sendError(reply, new ApiError("NO_SUCH_ROUTE", `there is no ${request.method} ${JSON.stringify(path)}`));
  });
  return app;
}

/** An application whose routes take their types from zod schemas. */
export type App = ReturnType<typeof createApp>;

/** Answers a request that failed; what is no fault of the asker's is kept for the operator. */
function answerError(
  { audience, noteFault }: AppOptions,
  failed: {
    readonly error: unknown;
    readonly request: Pick<FastifyRequest, "log">;
    readonly reply: Pick<FastifyReply, "status">;
  },
): void {
  const { error, request, reply } = failed;
  if (isOperatorsFault(error)) noteFault(error.code, [error.message, error.hint ?? ""].join("; "));
  if (sendError(reply, error, audience) === 500) request.log.error({ err: error }, "request failed");
}

function sendError(reply: Pick<FastifyReply, "status">, error: unknown, audience: Audience = "user"): number {
  const { status, body } = answerFor(error, audience);
  void reply.status(status).send(body);
  return status;
}
