import { expect, test } from "vitest";
import { createRefusalRate } from "./refusal-rate.ts";

test("a user's refusals are written twenty at once and then one a second, another's beside them", () => {
  let now = 0;
  const rate = createRefusalRate(() => now);
  const written = (user: string, tries: number) =>
    Array.from({ length: tries }, () => rate.mayWrite(user)).filter(Boolean).length;
  expect([written("mal", 1000), written("ada", 3)]).toEqual([20, 3]);
  now = 5000;
  expect(written("mal", 1000)).toBe(5);
  now = 3_600_000;
  expect(written("mal", 1000)).toBe(20);
  expect(rate.takeLeftOut("mal")).toEqual([{ user: "mal", more: 980 + 995 + 980 }]);
  expect(rate.takeLeftOut()).toEqual([]);
});

test("a clock that goes back gives nothing away", () => {
  let now = 1e6;
  const rate = createRefusalRate(() => now);
  for (let tries = 0; tries < 20; tries += 1) rate.mayWrite("mal");
  now = 0;
  expect(rate.mayWrite("mal")).toBe(false);
});
