import { afterEach, expect, test, vi } from "vitest";
import {
  type Answer,
  events,
  json,
  page,
  type ScriptedApiServer,
  scriptApiServer,
  text,
} from "../testing/scripted-api-server.ts";
import { connectWith } from "./connection.ts";
import { type ApiObject, createReflector, type Reflected, type ReflectorOptions } from "./reflector.ts";

const path = "/api/v1/things";
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

const thing = (uid: string, version: number) => ({ metadata: { uid, resourceVersion: String(version) } });
const event = (type: string, uid: string, version: number) => ({ type, object: thing(uid, version) });
const bookmark = (version: number) => ({
  type: "BOOKMARK",
  object: { metadata: { resourceVersion: String(version) } },
});
const failed = (code: number) => ({ type: "ERROR", object: { code, message: "no" } });
const held = events([]);
const until = (check: () => void) => vi.waitFor(check, 10_000);

function trim({ metadata: { uid = "", resourceVersion = "" } = {} }: ApiObject): Reflected {
  return { uid, resourceVersion };
}

/** A reflector of things against a script; it pauses one millisecond, and `failures` has what it said before each pause. */
async function reflect(
  script: { readonly lists?: readonly Answer[]; readonly watches: readonly Answer[] },
  others: Partial<ReflectorOptions<Reflected>> = {},
) {
  const { lists = [page("10", [thing("a", 3), thing("b", 7)])], watches } = script;
  const server = await scriptApiServer({ [`GET ${path}`]: lists, [`WATCH ${path}`]: watches });
  const connection = connectWith({ server: server.address, tls: {}, headers: async () => ({}) });
  const [changes, failures, faults]: [string[], number[], unknown[]] = [[], [], []];
  const reflector = createReflector<Reflected>({
    ...{ connection, path, trim },
    onChange: (uid, now) => changes.push(`${uid} ${now?.resourceVersion ?? "gone"}`),
    onFault: (fault) => faults.push(fault),
    pauseMs: (count) => {
      failures.push(count);
      return 1;
    },
    ...others,
  });
  const stopped = new AbortController();
  const running = reflector.run(stopped.signal);
  ended.push(async () => {
    stopped.abort();
    await running;
    await connection.close();
    await server[Symbol.asyncDispose]();
  });
  await reflector.synced;
  return { reflector, server, changes, failures, faults };
}

const lists = (server: ScriptedApiServer) => server.of(`GET ${path}`).length;
const from = (server: ScriptedApiServer) =>
  server.of(`WATCH ${path}`).map(({ query }) => query.get("resourceVersion"));

test("it takes all pages of a list, then what a watch tells from there on", async () => {
  const { changes, server } = await reflect({
    lists: [page("10", [thing("a", 3)], "more"), page("10", [thing("b", 7)])],
    watches: [events([event("MODIFIED", "a", 11), event("DELETED", "b", 12), event("ADDED", "c", 13)])],
  });
  await until(() => expect(changes).toEqual(["a 3", "b 7", "a 11", "b gone", "c 13"]));
  expect(server.of(`GET ${path}`).map(({ query }) => query.get("continue"))).toEqual([null, "more"]);
  expect(from(server)).toEqual(["10"]);
  expect(server.of(`WATCH ${path}`)[0]?.query.get("allowWatchBookmarks")).toBe("true");
});

test.each([
  ["breaks", "break"],
  ["is ended by the server", "end"],
] as const)(
  "after a watch that %s it goes on behind the last event or bookmark, without a list",
  async (_, then) => {
    const watches = [events([event("ADDED", "c", 12), bookmark(20)], then), held];
    const { changes, server } = await reflect({ watches });
    await until(() => expect(from(server)).toEqual(["10", "20"]));
    expect(changes).toEqual(["a 3", "b 7", "c 12"]);
    expect(lists(server)).toBe(1);
  },
);

test("half an event, cut off by the end of a watch, is asked for again", async () => {
  const half = `${JSON.stringify(event("ADDED", "c", 11))}\n{"type":"ADD`;
  const { changes, server } = await reflect({
    watches: [text(half, "end"), events([event("ADDED", "d", 12)])],
  });
  await until(() => expect(changes.slice(2)).toEqual(["c 11", "d 12"]));
  expect(from(server)).toEqual(["10", "11"]);
});

test("an event that comes in parts is taken when it is whole", async () => {
  const line = Buffer.from(`${JSON.stringify(event("ADDED", "ü", 11))}\n`);
  const inParts: Answer = async (response) => {
    response.writeHead(200);
    for (const byte of line) {
      response.write(Uint8Array.of(byte));
      await new Promise(setImmediate);
    }
  };
  const { changes } = await reflect({ watches: [inParts] });
  await until(() => expect(changes.slice(2)).toEqual(["ü 11"]));
});

test.each([
  ["is refused with 410", json({ message: "too old" }, { status: 410 })],
  ["tells of 410", events([failed(410)])],
  ["tells that it cannot go on", events([failed(500)])],
])(
  "a watch that %s is followed by a new list, which tells what went and came meanwhile",
  async (_, answer) => {
    const { changes, server } = await reflect({
      lists: [page("10", [thing("a", 3), thing("b", 7)]), page("30", [thing("a", 25), thing("d", 28)])],
      watches: [answer, held],
    });
    await until(() => expect(from(server)).toEqual(["10", "30"]));
    expect(changes.slice(2)).toEqual(["a 25", "d 28", "b gone"]);
  },
);

test.each([429, 500, 401, 403, 404])(
  "a watch that is refused with %d is asked for again, without a list",
  async (status) => {
    const { server, faults } = await reflect({ watches: [json({ message: "no" }, { status }), held] });
    await until(() => expect(from(server)).toEqual(["10", "10"]));
    expect(lists(server)).toBe(1);
    expect(faults).toMatchObject([{ status }]);
  },
);

test("a list that fails between its pages is begun again", async () => {
  const { changes, server } = await reflect({
    lists: [page("10", [thing("a", 3)], "more"), json({}, { status: 410 }), page("12", [thing("b", 7)])],
    watches: [held],
  });
  expect(changes).toEqual(["a 3", "b 7", "a gone"]);
  expect(lists(server)).toBe(3);
});

test("each failure in a row is waited for longer, and the first good event begins anew", async () => {
  const broken = json({}, { status: 500 });
  const good = events([bookmark(11)], "break");
  const { failures, server } = await reflect({ watches: [broken, broken, broken, good, broken, held] });
  await until(() => expect(from(server).length).toBe(6));
  expect(failures).toEqual([0, 1, 2, 0, 1]);
});

test("a server that was away for long is listed anew, and may have been put back: then its word counts, though it is older", async () => {
  const away = json({}, { status: 503 });
  const { changes, server, reflector } = await reflect({
    lists: [page("100", [thing("a", 90), thing("b", 95)]), page("50", [thing("a", 40), thing("c", 45)])],
    watches: [...Array.from({ length: 5 }, () => away), events([event("MODIFIED", "a", 51)])],
  });
  await until(() => expect(changes.at(-1)).toBe("a 51"));
  expect(changes).toEqual(["a 90", "b 95", "a 40", "c 45", "b gone", "a 51"]);
  expect(from(server)).toEqual([...Array.from({ length: 5 }, () => "100"), "50"]);
  expect([...reflector.objects.keys()].toSorted()).toEqual(["a", "c"]);
});

test("an event that cannot be read is no good one: it is not asked for without end", async () => {
  const failing = (object: ApiObject) => {
    if (object.metadata?.uid === "poison") throw new Error("unreadable");
    return trim(object);
  };
  const poison = events([event("ADDED", "poison", 11)]);
  const { failures, server } = await reflect({ watches: [poison, poison, poison, held] }, { trim: failing });
  await until(() => expect(from(server)).toEqual(["10", "10", "10", "10"]));
  expect(failures).toEqual([0, 1, 2]);
});

test("a server that wants to be left alone for a while is", async () => {
  const busy = json({}, { status: 429, headers: { "retry-after": "1" } });
  const { server } = await reflect({ watches: [busy, held] });
  await until(() => expect(from(server).length).toBe(2));
  const [first, second] = server.of(`WATCH ${path}`);
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(950);
});

test("a watch without a byte for too long counts as dead, and goes on where it stood", async () => {
  const watches = [events([event("ADDED", "c", 12)]), held];
  const { server, faults } = await reflect({ watches }, { silenceMs: 300 });
  await until(() => expect(from(server).slice(0, 2)).toEqual(["10", "12"]));
  expect(faults[0]).toMatchObject({ status: 0 });
  expect(lists(server)).toBe(1);
});

/** Events that are told when `tell` is called. */
function eventsLater(lines: readonly object[]): { readonly answer: Answer; tell(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { answer: (response) => promise.then(() => events(lines)(response)), tell: resolve };
}

test("what a write was answered with is known at once, and older news does not take it back", async () => {
  const older = eventsLater([event("MODIFIED", "a", 11), bookmark(15)]);
  const { reflector, changes } = await reflect({ watches: [older.answer] });
  reflector.take(thing("a", 15));
  reflector.take(thing("new", 14));
  expect(reflector.objects.get("a")?.resourceVersion).toBe("15");
  expect(reflector.isAsOf("15")).toBe(false);
  older.tell();
  await until(() => expect(reflector.isAsOf("15")).toBe(true));
  expect([reflector.isAsOf("9"), reflector.isAsOf("16")]).toEqual([true, false]);
  expect(changes.slice(2)).toEqual(["a 15", "new 14"]);
});

test("an answer to a write that comes after the news of the object's end does not bring it back", async () => {
  const watches = [events([event("DELETED", "a", 11), failed(410)]), held];
  const { reflector, changes, server } = await reflect({
    lists: [page("10", [thing("a", 3), thing("b", 7)]), page("30", [])],
    watches,
  });
  await until(() => expect(from(server)).toEqual(["10", "30"]));
  reflector.take(thing("a", 4));
  reflector.take(thing("b", 8));
  expect(changes.slice(2)).toEqual(["a gone", "b gone"]);
});

test("what was written while a list was on its way is not missing in it", async () => {
  const tooOld = eventsLater([failed(410)]);
  const { reflector, changes, server } = await reflect({
    lists: [page("10", [thing("a", 3)]), page("30", [thing("a", 3)])],
    watches: [tooOld.answer, held],
  });
  reflector.take(thing("later", 31));
  reflector.take(thing("gone since", 29));
  tooOld.tell();
  await until(() => expect(from(server)).toEqual(["10", "30"]));
  expect(changes).toEqual(["a 3", "later 31", "gone since 29", "gone since gone"]);
});
