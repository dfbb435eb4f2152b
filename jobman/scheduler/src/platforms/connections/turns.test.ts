import { expect, test } from "vitest";
import { createTurns } from "./turns.ts";

test("users come one after the other, however much one of them has to do", async () => {
  const turns = createTurns({ longMs: 1000, restFactor: 1 });
  const [busy, other] = [turns.newRow(), turns.newRow()];
  const done: string[] = [];
  for (let task = 0; task < 100; task += 1) busy(() => void done.push("busy"));
  await new Promise<void>((resolve) =>
    other(() => {
      done.push("other");
      resolve();
    }),
  );
  expect(done.length).toBeLessThan(4);
});

test("a user whose turn took long rests, and the others do not", async () => {
  const turns = createTurns({ longMs: 5, restFactor: 4 });
  const [slow, other] = [turns.newRow(), turns.newRow()];
  const done: string[] = [];
  slow(() => block(30));
  const rested = new Promise<void>((resolve) =>
    slow(() => {
      done.push("slow");
      resolve();
    }),
  );
  for (let task = 0; task < 20; task += 1) other(() => void done.push("other"));
  await rested;
  expect(done).toEqual([...Array.from({ length: 20 }, () => "other"), "slow"]);
});

test("a brief piece is followed by no rest, whatever else happened in its round", async () => {
  const turns = createTurns({ longMs: 5, restFactor: 1000 });
  const row = turns.newRow();
  row(() => block(10), "brief");
  const startedAt = performance.now();
  await new Promise<void>((resolve) => row(resolve, "brief"));
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
