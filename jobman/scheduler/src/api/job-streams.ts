import { Readable } from "node:stream";
import { apiErrorSchema, isActive, jobSchema, logPieceSchema } from "@workstation/jobman/protocol";
import { z } from "zod";
import { toJsonLine } from "../diagnostics/json-line.ts";
import { findJob } from "../jobs/find.ts";
import { followJob, followLog } from "../jobs/follow.ts";
import type { App } from "./app.ts";
import { userOf } from "./asker.ts";
import { jobParams } from "./jobs.ts";
import type { Services } from "./services.ts";

const logQuery = z.object({
  after: z.string().max(256).optional(),
  follow: z.enum(["true", "false"]).default("false"),
});

/** What a stream answers, for the API's own description: each line is one value of `line`. */
function linesOf<T extends z.ZodType>(line: T) {
  const content = { "application/x-ndjson": { schema: line } };
  return { 200: { description: "One JSON value a line.", content }, default: apiErrorSchema };
}

/** A job's changes and its output, as lines of JSON. */
export function addJobStreamRoutes(app: App, services: Services): void {
  const { core, presenter, stopping } = services;
  app.get(
    "/v1/jobs/:name/watch",
    { schema: { params: jobParams, response: linesOf(jobSchema) } },
    async (request, reply) => {
      const { id } = (await findJob(core, userOf(request), request.params.name)).spec;
      const source = (signal: AbortSignal) => followJob(core, presenter, { id, signal });
      return sendLines(reply, { stopping, awaitFirst: true, source });
    },
  );
  app.get(
    "/v1/jobs/:name/log",
    { schema: { params: jobParams, querystring: logQuery, response: linesOf(logPieceSchema) } },
    async (request, reply) => {
      const record = await findJob(core, userOf(request), request.params.name);
      const { after, follow } = request.query;
      const wanted = {
        id: record.spec.id,
        follow: follow === "true",
        ...(after === undefined ? {} : { after }),
      };
      const source = (signal: AbortSignal) => followLog(core, { ...wanted, signal });
      return sendLines(reply, { stopping, awaitFirst: !isActive(record.state), source });
    },
  );
}

/**
 * Sends values as NDJSON as they come. The connection is cut, not closed, when the source fails or the scheduler
 * stops: a reader can tell the end of the output from the end of the connection.
 */
async function sendLines(
  reply: LineReply,
  options: {
    readonly stopping: AbortSignal;
    /** The answer begins with the first value: a source that cannot start is a proper error. */
    readonly awaitFirst: boolean;
    readonly source: (signal: AbortSignal) => AsyncIterable<unknown>;
  },
): Promise<never> {
  const gone = new AbortController();
  reply.raw.on("close", () => gone.abort());
  const signal = AbortSignal.any([gone.signal, options.stopping]);
  const values = options.source(signal)[Symbol.asyncIterator]();
  const first = options.awaitFirst ? await values.next() : undefined;
  const lines = toLines(values, first, () => {
    if (options.stopping.aborted) reply.raw.destroy();
  });
  const stream = Readable.from(lines, { objectMode: false });
  // The framework sends the stream; its types know only answers with a schema.
  return reply.type("application/x-ndjson").send(stream) as never;
}

/** What of a reply is needed here. */
interface LineReply {
  readonly raw: { on(event: "close", listener: () => void): unknown; destroy(): unknown };
  type(contentType: string): { send(payload: unknown): unknown };
}

async function* toLines(
  values: AsyncIterator<unknown>,
  first: IteratorResult<unknown> | undefined,
  cutIfStopping: () => void,
): AsyncIterable<string> {
  try {
    for (let next = first ?? (await values.next()); !next.done; next = await values.next()) {
      yield toJsonLine(next.value);
    }
    cutIfStopping();
  } finally {
    // A reader who went away in the middle leaves nothing open.
    await values.return?.();
  }
}
