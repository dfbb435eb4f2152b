import { expect, test } from "vitest";
import { auditSink } from "./audit-sink.ts";

/** Replicas of one scheduler: who leads, what the lease says, and what was written by whom. */
function replicas(count: number) {
  const shared = {
    leader: 0,
    mark: undefined as string | undefined,
    now: Date.parse("2026-01-01T00:00:00Z"),
    failing: false,
  };
  const written: string[] = [];
  const sinks = Array.from({ length: count }, (_, index) =>
    auditSink({
      write: async (text) => {
        if (shared.failing) throw new Error("no space");
        written.push(
          ...text
            .trimEnd()
            .split("\n")
            .map((line) => `${index} ${JSON.parse(line).id ?? "refusal"}`),
        );
      },
      reopen: async () => undefined,
      leads: () => shared.leader === index,
      writtenUntil: {
        get: () => shared.mark,
        set: (text) => {
          shared.mark = text;
        },
      },
      now: () => shared.now,
    }),
  );
  const see = async (id: string): Promise<void> => {
    const line = `${JSON.stringify({ event: "end", id, endedAt: new Date(shared.now).toISOString() })}\n`;
    for (const sink of sinks) await (await sink.open()).append(line).catch(() => undefined);
  };
  return { shared, written, sinks, see };
}

test("whoever leads writes what all of them see, once", async () => {
  const { shared, written, see } = replicas(2);
  await see("a");
  shared.leader = 1;
  shared.now += 900_000;
  await see("b");
  expect(written).toEqual(["0 a", "1 a", "1 b"]);
});

test("what a leader wrote long before is not written by the next", async () => {
  const { shared, written, see, sinks } = replicas(2);
  await see("a");
  shared.now += 900_000;
  for (const sink of sinks) await sink.look();
  shared.leader = 1;
  await see("b");
  expect(written).toEqual(["0 a", "1 b"]);
});

test("what no leader wrote is written by the next, however long nobody led", async () => {
  const { shared, written, see, sinks } = replicas(2);
  await see("a");
  shared.now += 900_000;
  await sinks[0]?.look();
  shared.leader = -1;
  shared.now += 900_000;
  await see("b");
  shared.now += 7_200_000;
  shared.leader = 1;
  await see("c");
  expect(written).toEqual(["0 a", "1 b", "1 c"]);
});

test("what could not be written is owed, and the mark stays behind it", async () => {
  const { shared, written, see, sinks } = replicas(1);
  await see("a");
  const { mark } = shared;
  shared.failing = true;
  shared.now += 900_000;
  await see("b");
  expect(shared.mark).toBe(mark);
  shared.failing = false;
  await sinks[0]?.look();
  expect(written).toEqual(["0 a", "0 b"]);
});

test("a refusal is written by the replica that refused", async () => {
  const { written, sinks } = replicas(2);
  await (await sinks[1]?.open())?.append(`${JSON.stringify({ event: "refusal" })}\n`);
  expect(written).toEqual(["1 refusal"]);
});
