import { Readable } from "node:stream";
import { type Job, jobSchema } from "@workstation/jobman/protocol";

/** What of a reply is needed here. */
interface ListReply {
  type(contentType: string): { send(payload: unknown): unknown };
}

/**
 * Sends jobs as a `JobList` that is made while it is read: each may carry a mebibyte of arguments, and a hundred of
 * them in one text would stop everybody for a second and take their sum in memory.
 */
export function sendJobList(reply: ListReply, jobs: Iterable<Job>): never {
  // The framework sends the stream; its types know only answers with a schema.
  return reply
    .type("application/json; charset=utf-8")
    .send(Readable.from(listParts(jobs), { objectMode: false })) as never;
}

/** A usual list is one part. */
const partLength = 65_536;

function* listParts(jobs: Iterable<Job>): Iterable<string> {
  let part = '{"apiVersion":"v1","jobs":[';
  let separator = "";
  for (const job of jobs) {
    part += separator + JSON.stringify(jobSchema.parse(job));
    separator = ",";
    if (part.length < partLength) continue;
    yield part;
    part = "";
  }
  yield `${part}]}`;
}
