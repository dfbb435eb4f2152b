import { expect, test } from "vitest";
import { createAllowance, type Demand } from "./allowance.ts";
import { limits } from "./limits.ts";

const request: Demand = { kind: "request", bodyBytes: 0, tokens: 0 };

test("tokens come back with time, up to their most", () => {
  let clock = 0;
  const allowance = createAllowance(() => clock);
  const whole = { ...request, tokens: limits.mostTokens };
  expect(allowance.take(whole)).toHaveProperty("giveBack");
  expect(allowance.take({ ...request, tokens: 1 })).toHaveProperty("refusal");
  clock = 3_600_000;
  expect(allowance.take(whole)).toHaveProperty("giveBack");
  expect(allowance.take({ ...request, tokens: 1 })).toHaveProperty("refusal");
});

test.each([
  ["requests", request, limits.requestsInFlight],
  ["streams", { ...request, kind: "stream" } as const, limits.streams],
  ["large bodies", { ...request, bodyBytes: limits.bodyBytes }, 4],
])("only so many %s are under way, and each gives its place back", (_, demand, most) => {
  const allowance = createAllowance(() => 0);
  const taken = Array.from({ length: most }, () => allowance.take(demand));
  expect(allowance.take(demand)).toHaveProperty("refusal");
  const [first] = taken;
  if (first !== undefined && "giveBack" in first) first.giveBack();
  expect(allowance.take(demand)).toHaveProperty("giveBack");
});
