import { expect, test } from "vitest";
import type { ClusterConnection } from "./connection.ts";
import { AnswerTooLarge } from "./read-text.ts";
import { createReflector, type Reflected } from "./reflector.ts";

const count = 1200;

/** Lists objects of which `most` fit into one answer, and has nothing to tell afterwards. */
function serverWithRoomFor(most: number) {
  const asked: number[] = [];
  const ask = async (_: string, path: string): Promise<unknown> => {
    const query = new URL(path, "http://server").searchParams;
    const [limit, from] = [Number(query.get("limit")), Number(query.get("continue") ?? 0)];
    asked.push(limit);
    if (limit > most) throw new AnswerTooLarge(1);
    const items = Array.from({ length: Math.min(limit, count - from) }, (_, index) => ({
      metadata: { uid: `u${from + index}`, resourceVersion: "5" },
    }));
    const next = from + limit < count ? { continue: String(from + limit) } : {};
    return { items, metadata: { resourceVersion: "10", ...next } };
  };
  const stream = (_: string, { signal }: { readonly signal: AbortSignal }): Promise<never> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return {
    asked,
    connection: { server: "", ask, stream, close: async () => undefined } as ClusterConnection,
  };
}

async function listFrom(connection: ClusterConnection, faults: unknown[] = []) {
  const stopped = new AbortController();
  const reflector = createReflector<Reflected>({
    connection,
    path: "/objects",
    trim: ({ metadata }) => ({ uid: metadata?.uid ?? "", resourceVersion: metadata?.resourceVersion ?? "" }),
    onChange: () => undefined,
    onFault: (fault) => {
      faults.push(fault);
      stopped.abort();
    },
  });
  const running = reflector.run(stopped.signal);
  await Promise.race([reflector.synced, running]);
  stopped.abort();
  await running;
  return reflector.objects;
}

test("a list of small objects comes in pages of 500", async () => {
  const { connection, asked } = serverWithRoomFor(500);
  expect((await listFrom(connection)).size).toBe(count);
  expect(asked).toEqual([500, 500, 500]);
});

test("where a page is too large, smaller ones are asked for from there on, and nothing is missing", async () => {
  const { connection, asked } = serverWithRoomFor(25);
  expect((await listFrom(connection)).size).toBe(count);
  expect(asked.slice(0, 4)).toEqual([500, 100, 20, 20]);
});

test("an object that is too large alone is a fault", async () => {
  const { connection, asked } = serverWithRoomFor(0);
  const faults: unknown[] = [];
  await listFrom(connection, faults);
  expect(faults).toEqual([expect.any(AnswerTooLarge)]);
  expect(asked).toEqual([500, 100, 20, 4, 1]);
});
