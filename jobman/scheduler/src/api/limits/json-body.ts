import type { IncomingMessage, ServerResponse } from "node:http";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import { ApiError } from "../../errors/api-error.ts";
import { measureJson } from "./json-shape.ts";
import { limits } from "./limits.ts";

type AnyApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger>;

/** Lets an application read JSON and nothing else, and refuse what holds too much before it is built in memory. */
export function readBoundedJson(app: AnyApp): void {
  // A key `__proto__` would reach what every object shares.
  const parse = app.getDefaultJsonParser("error", "error");
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, text, done) => {
    const refusal = refuse(String(text));
    if (refusal === undefined) parse(request, String(text), done);
    else done(refusal);
  });
}

function refuse(text: string): ApiError | undefined {
  const most = { values: limits.bodyValues, depth: limits.bodyDepth };
  const { values, depth } = measureJson(text, most);
  if (depth > most.depth) return new ApiError("INVALID_REQUEST", "the request is nested too deeply");
  if (values <= most.values) return undefined;
  return new ApiError("REQUEST_TOO_LARGE", `the request holds more than ${most.values} values`, {
    hint: "put the data into a file in persistent-home",
  });
}
