import { isUtf8 } from "node:buffer";
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
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    const text = textOf(Buffer.from(body));
    const refusal = text === undefined ? notUtf8() : refuse(text);
    if (text !== undefined && refusal === undefined) parse(request, text, done);
    else done(refusal ?? null);
  });
}

// Another encoding read as this one would give a job other arguments than its owner wrote, without a word.
function textOf(body: Buffer): string | undefined {
  return isUtf8(body) ? body.toString("utf8") : undefined;
}

function notUtf8(): ApiError {
  return new ApiError("INVALID_REQUEST", "the request's body is not UTF-8", {
    hint: "send JSON in UTF-8; no other encoding is understood",
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
