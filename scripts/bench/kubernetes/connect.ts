import { readFileSync } from "node:fs";
import { containerLabels } from "@workstation/site";
import { hasStatus } from "../../../jobman/scheduler/src/platforms/kubernetes/api/cluster-error.ts";
import {
  type ClusterConnection,
  connectWith,
} from "../../../jobman/scheduler/src/platforms/kubernetes/api/connection.ts";
import { paths, withQuery } from "../../../jobman/scheduler/src/platforms/kubernetes/api/paths.ts";
import type { Account } from "./world.ts";

/** What the programs of the load read of a Job. */
export interface LoadJob {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly suspend?: boolean };
  readonly status?: { readonly completionTime?: string };
}

/** A way to the API server over 32 connections, as the scheduler has it. */
export function connectAs(accountFile: string): ClusterConnection {
  const { server, certificateAuthority: ca, token }: Account = JSON.parse(readFileSync(accountFile, "utf8"));
  return connectWith({ server, tls: { ca }, headers: async () => ({ authorization: `Bearer ${token}` }) });
}

/** The Jobs of an instance in the order of their names' numbers, and from where to watch on. */
export async function listJobs(connection: ClusterConnection, instance: string) {
  const jobs: LoadJob[] = [];
  let page: { continue?: string; resourceVersion: string } = { resourceVersion: "" };
  do {
    const query = { labelSelector: selector(instance), limit: 500, continue: page.continue };
    const answer = await connection.ask<{ items: LoadJob[]; metadata: typeof page }>(
      "GET",
      withQuery(paths.jobs(), query),
    );
    jobs.push(...answer.items);
    page = answer.metadata;
  } while ((page.continue ?? "") !== "");
  return { jobs: jobs.sort((a, b) => numberOf(a) - numberOf(b)), resourceVersion: page.resourceVersion };
}

export function numberOf({ metadata }: LoadJob): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf("-") + 1));
}

/** Each change of the instance's Jobs, until the program ends; a watch that the server ends goes on where it was. */
export async function* watchJobs(
  connection: ClusterConnection,
  instance: string,
  from: string,
): AsyncIterable<LoadJob> {
  for (let resourceVersion = from; ; ) {
    const query = { watch: 1, labelSelector: selector(instance), resourceVersion };
    const path = withQuery(paths.jobs(), query);
    const options = { signal: new AbortController().signal, silenceMs: 600_000 };
    for await (const line of linesOf(await connection.stream(path, options))) {
      const { type, object }: { type: string; object: LoadJob } = JSON.parse(line);
      if (type === "ERROR") throw new Error(line);
      resourceVersion = object.metadata.resourceVersion;
      yield object;
    }
  }
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function selector(instance: string): string {
  return `${containerLabels.instance}=${instance}`;
}

/** Sends a request again until it is answered: on a busy machine the server's time may run out, and it was carried out all the same. */
export async function insist(send: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await send();
      return;
    } catch (error) {
      if (attempt > 1 && hasStatus(error, 409, 422)) return;
      if (!hasStatus(error, 0)) throw error;
    }
  }
}

/** Runs `work` over `items`, so many at once. */
export async function spread<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  const one = async (): Promise<void> => {
    for (let next = left.next(); next.done !== true; next = left.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}
