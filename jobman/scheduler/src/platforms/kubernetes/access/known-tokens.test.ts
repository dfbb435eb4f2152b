import { expect, test } from "vitest";
import type { Verifier } from "./identity.ts";
import { createKnownTokens } from "./known-tokens.ts";
import { Refusal } from "./refusal.ts";

const anna = { kind: "account", namespace: "user-anna" } as const;

function start(verify: Verifier) {
  const clock = { now: 1_000_000 };
  const asked: string[] = [];
  const known = createKnownTokens({
    now: () => clock.now,
    verify: (token) => {
      asked.push(token);
      return verify(token);
    },
  });
  return { clock, asked, known };
}

test("an answer holds for a minute, and never beyond the token's own end", async () => {
  const { clock, known } = start(async (token) => ({
    identity: anna,
    ...(token === "short" ? { expiresAt: 1_005_000 } : {}),
  }));
  await Promise.all([known.learn("short"), known.learn("long")]);
  clock.now += 4999;
  expect([known.recall("short"), known.recall("long")]).toEqual([anna, anna]);
  clock.now += 1;
  expect([known.recall("short"), known.recall("long")]).toEqual([undefined, anna]);
  clock.now += 55_000;
  expect(known.recall("long")).toBeUndefined();
});

test("a refusal holds for ten seconds, and one for want of an answer not at all", async () => {
  const { clock, known } = start(async (token) => {
    throw new Refusal(token === "bad" ? "invalid" : "unavailable");
  });
  for (const token of ["bad", "late"]) await expect(known.learn(token)).rejects.toThrow();
  clock.now += 9999;
  expect(known.recall("bad")).toMatchObject({ reason: "invalid" });
  expect(known.recall("late")).toBeUndefined();
  clock.now += 1;
  expect(known.recall("bad")).toBeUndefined();
});

test("all who bring a token at the same time wait for one answer", async () => {
  const { asked, known } = start(async () => ({ identity: anna }));
  expect(await Promise.all([known.learn("a"), known.learn("a"), known.learn("b")])).toEqual([
    anna,
    anna,
    anna,
  ]);
  expect(asked).toEqual(["a", "b"]);
});

test("no more than 32 tokens are asked about at a time", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { known } = start(async () => {
    await promise;
    return { identity: anna };
  });
  const waiting = Array.from({ length: 32 }, (_, each) => known.learn(`${each}`));
  await expect(known.learn("one more")).rejects.toMatchObject({ reason: "unavailable" });
  resolve();
  await Promise.all(waiting);
  expect(await known.learn("one more")).toEqual(anna);
});

test("bad tokens push out no good one, and of too many the oldest answers go", async () => {
  const { known } = start(async (token) => {
    if (token.startsWith("bad")) throw new Refusal("invalid");
    return { identity: anna };
  });
  await known.learn("good");
  for (let each = 0; each < 1100; each += 1) await known.learn(`bad ${each}`).catch(() => undefined);
  expect(known.recall("good")).toEqual(anna);
  expect([known.recall("bad 0"), known.recall("bad 1099")]).toEqual([undefined, expect.any(Refusal)]);
});
