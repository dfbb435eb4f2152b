import { UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { createAccountVerifier, reviewsThrough } from "./token-review.ts";

const good = {
  authenticated: true,
  user: { username: "system:serviceaccount:user-anna:default" },
  audiences: ["jobman"],
};

/** What becomes of a token whose review answers `status`. */
function verify(status: object, token = "opaque") {
  const faults: unknown[] = [];
  const review = reviewsThrough(async () => ({ status }));
  const onFault = (fault: unknown): void => void faults.push(fault);
  const verifier = createAccountVerifier({ review, audience: "jobman", now: () => 5000, onFault });
  return { vouched: verifier(token), faults };
}

test("an account is its namespace, for as long as the token says", async () => {
  const identity = { kind: "account", namespace: "user-anna" };
  expect(await verify(good).vouched).toEqual({ identity });
  const token = new UnsecuredJWT({ aud: ["jobman"], exp: 9 }).encode();
  expect(await verify(good, token).vouched).toEqual({ identity, expiresAt: 9000 });
});

test.each([
  ["vouched for by nobody", { ...good, authenticated: false }, "invalid"],
  ["of a server that says nothing", {}, "invalid"],
  ["of a server that knows of no audiences", { ...good, audiences: [] }, "audience"],
  ["for another audience", { ...good, audiences: ["vault"] }, "audience"],
  ["of a person", { ...good, user: { username: "anna" } }, "stranger"],
  ["of a node", { ...good, user: { username: "system:node:worker" } }, "stranger"],
  ["of nobody", { ...good, user: {} }, "stranger"],
  [
    "of a name with more in it",
    { ...good, user: { username: "x:system:serviceaccount:user-anna:a" } },
    "stranger",
  ],
  [
    "of an account with a colon",
    { ...good, user: { username: "system:serviceaccount:user-anna:a:b" } },
    "stranger",
  ],
])("a token %s is refused", async (_, status, reason) => {
  await expect(verify(status).vouched).rejects.toMatchObject({ reason });
});

test("an answer that is no review is the cluster's fault and not the token's", async () => {
  const { vouched, faults } = verify({ authenticated: "yes" });
  await expect(vouched).rejects.toMatchObject({ reason: "unavailable" });
  expect(faults).toHaveLength(1);
});
