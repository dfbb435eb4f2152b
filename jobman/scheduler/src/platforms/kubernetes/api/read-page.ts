import type { ClusterConnection } from "./connection.ts";
import { withQuery } from "./paths.ts";
import { AnswerTooLarge } from "./read-text.ts";

/** A page of a list, and from where the next one is. */
export interface ListPage {
  readonly items: readonly object[];
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
}

/** What is listed, and which part of it. */
export interface PageRequest {
  readonly path: string;
  readonly labelSelector?: string | undefined;
  /** Objects at most. */
  readonly limit: number;
  readonly continue: string | undefined;
}

const shrinkBy = 5;

/**
 * A page, with fewer objects than were asked for where they are large: bounded memory on both sides. So many are the `limit`
 * of the next. Throws `ClusterError`, `AnswerTooLarge` where one object alone is.
 */
export async function readFitting(
  connection: Pick<ClusterConnection, "ask">,
  request: PageRequest,
): Promise<ListPage & Pick<PageRequest, "limit">> {
  const { path, limit, labelSelector, continue: next } = request;
  try {
    const page = await connection.ask<ListPage>(
      "GET",
      withQuery(path, { labelSelector, limit, continue: next }),
    );
    return { ...page, limit };
  } catch (error) {
    if (!(error instanceof AnswerTooLarge) || limit === 1) throw error;
    return readFitting(connection, { ...request, limit: Math.ceil(limit / shrinkBy) });
  }
}
