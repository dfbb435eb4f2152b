import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AccessFixture, startAccessFixture } from "../testing/access-fixture.ts";
import { type OidcIssuer, startOidcIssuer } from "../testing/oidc-issuer.ts";
import type { Verifier } from "./identity.ts";
import { createPersonVerifier } from "./oidc.ts";

let issuer: OidcIssuer;
let faults: unknown[];
let ahead: number;
let verify: Verifier;
beforeEach(async () => {
  issuer = await startOidcIssuer();
  faults = [];
  ahead = 0;
  verify = verifierWith({});
});
afterEach(() => issuer[Symbol.asyncDispose]());

function verifierWith(others: Partial<Parameters<typeof createPersonVerifier>[0]>): Verifier {
  return createPersonVerifier({
    issuer: issuer.issuer,
    audience: "jobman",
    userClaim: "preferred_username",
    authorities: issuer.authorities,
    cooldown: 0,
    now: () => Date.now() + ahead,
    onFault: (fault) => faults.push(fault),
    ...others,
  });
}

const claims = () => ({ iss: issuer.issuer, aud: "jobman", preferred_username: "anna", exp: 9_999_999_999 });
const discovery = "/realm/.well-known/openid-configuration";

test("who the issuer vouches for is known by the site's claim", async () => {
  const vouched = await verify(await issuer.sign("anna"));
  expect(vouched.identity).toEqual({ kind: "person", name: "anna" });
  expect(vouched.expiresAt).toBeGreaterThan(Date.now());
  const bySubject = verifierWith({ userClaim: "sub" });
  expect((await bySubject(await issuer.sign("anna", { sub: "ben" }))).identity).toMatchObject({
    name: "ben",
  });
});

test.each([
  ["is for another service", { aud: "other" }, "audience"],
  ["is for nobody in particular", { aud: undefined }, "audience"],
  ["has another issuer", { iss: "https://other.example" }, "invalid"],
  ["has expired", { exp: 1_000_000_000 }, "expired"],
  ["never expires", { exp: undefined }, "invalid"],
  ["is not good yet", { nbf: 9_999_999_999 }, "invalid"],
  ["names nobody", { preferred_username: undefined }, "invalid"],
  ["names what is no user's name", { preferred_username: "../anna" }, "stranger"],
  ["names several", { preferred_username: ["anna"] }, "stranger"],
])("a token that %s is refused", async (_, wrong, reason) => {
  await expect(verify(await issuer.sign("anna", wrong))).rejects.toMatchObject({ reason });
  expect(faults).toEqual([]);
});

test("a token expires by the scheduler's clock", async () => {
  const token = await issuer.sign("anna");
  ahead = 400_000;
  await expect(verify(token)).rejects.toMatchObject({ reason: "expired" });
});

describe("a forged token is refused", () => {
  const refused = async (token: string) =>
    expect(verify(token)).rejects.toMatchObject({ reason: "invalid", code: "NOT_AUTHENTICATED" });

  test("with other claims under a signature", async () => {
    const [header, , signature] = (await issuer.sign("anna")).split(".");
    const payload = Buffer.from(JSON.stringify({ ...claims(), preferred_username: "ben" })).toString(
      "base64url",
    );
    await refused([header, payload, signature].join("."));
  });

  test("signed by another issuer's key of the same name", async () => {
    await using other = await startOidcIssuer();
    await refused(await other.sign("anna", { iss: issuer.issuer }));
  });

  test("without a signature", async () => {
    await refused(new UnsecuredJWT(claims()).encode());
  });

  test("with the public key taken for a shared secret", async () => {
    await verify(await issuer.sign("anna"));
    const { keys } = await published();
    const secret = Buffer.from(
      await exportSPKI((await importJWK(keys[0], "ES256", { extractable: true })) as CryptoKey),
    );
    await refused(
      await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "key-1" }).sign(secret),
    );
  });

  test("of no three parts", async () => {
    await refused("a.b");
  });
});

async function published() {
  const { getJson } = await import("./get-json.ts");
  const options = { authorities: issuer.authorities, patience: 1000 };
  // biome-ignore lint/suspicious/noExplicitAny: the issuer's own page
  return (await getJson(new URL("/keys", issuer.issuer).href, options)) as any;
}

test("the issuer's new key is honoured as soon as a token names it, the old one no more", async () => {
  const old = await issuer.sign("anna");
  await verify(old);
  await issuer.rotate();
  expect((await verify(await issuer.sign("anna"))).identity).toMatchObject({ name: "anna" });
  await expect(verify(old)).rejects.toMatchObject({ reason: "invalid" });
});

test("tokens that name keys without end have the issuer asked no more often than the cooldown allows", async () => {
  const calm = verifierWith({ cooldown: 60_000 });
  await calm(await issuer.sign("anna"));
  await issuer.rotate();
  const unknown = await issuer.sign("anna");
  const before = issuer.fetched.keys;
  for (let round = 0; round < 20; round += 1) await calm(unknown).catch(() => undefined);
  expect(issuer.fetched.keys).toBe(before);
});

test.each<[string, string, () => string | number]>([
  ["fails", discovery, () => 500],
  ["leads elsewhere", discovery, () => 302],
  ["says what is no JSON", discovery, () => "<html>"],
  [
    "is another issuer's",
    discovery,
    () => JSON.stringify({ issuer: "https://x", jwks_uri: "https://x/keys" }),
  ],
  [
    "names keys without TLS",
    discovery,
    () => JSON.stringify({ issuer: issuer.issuer, jwks_uri: "http://127.0.0.1/" }),
  ],
  ["has no end", discovery, () => JSON.stringify({ long: "x".repeat(2_000_000) })],
  ["names keys that fail", "/keys", () => 503],
  ["names keys that are none", "/keys", () => "{}"],
])("an issuer whose page %s makes nobody a stranger: try again", async (_, path, lie) => {
  issuer.lies.set(path, lie());
  await expect(verify(await issuer.sign("anna"))).rejects.toMatchObject({
    code: "AUTHENTICATION_UNAVAILABLE",
  });
  expect(faults).toHaveLength(1);
  issuer.lies.clear();
  ahead += 10_000;
  expect((await verify(await issuer.sign("anna"))).identity).toMatchObject({ name: "anna" });
});

test("an issuer whose certificate nobody vouches for is not believed", async () => {
  await using other = await startOidcIssuer();
  const verifier = verifierWith({ authorities: other.authorities });
  await expect(verifier(await issuer.sign("anna"))).rejects.toMatchObject({ reason: "unavailable" });
  expect(String(faults[0])).toContain("issuer of tokens");
});

test("an issuer that is not reached by https is refused at the start", () => {
  expect(() => verifierWith({ issuer: "http://login.example" })).toThrow(
    expect.objectContaining({ code: "OIDC_ISSUER_INSECURE" }),
  );
});

describe("a scheduler whose site names an issuer", () => {
  let scheduler: AccessFixture;
  const reviewed: string[] = [];
  beforeEach(async () => {
    scheduler = await startAccessFixture({
      oidcAuthorities: issuer.authorities,
      oidc: { issuer: issuer.issuer, audience: "jobman", userClaim: "preferred_username" },
      review: async (token) => {
        reviewed.push(token);
        return { authenticated: false, user: { username: "" }, audiences: [] };
      },
    });
  });
  afterEach(() => scheduler[Symbol.asyncDispose]());

  test("serves its users, refuses others, and asks the cluster about none of them", async () => {
    const token = await issuer.sign("anna");
    expect((await scheduler.ask(token)).status).toBe(200);
    const stranger = await scheduler.ask(await issuer.sign("zoe"));
    expect(stranger).toMatchObject({ status: 403, body: { code: "NOT_ALLOWED" } });
    const forged = await scheduler.ask(`${token.slice(0, -4)}AAAA`);
    expect(forged).toMatchObject({ status: 401, body: { code: "NOT_AUTHENTICATED" } });
    expect(reviewed).toEqual([]);
    for (const part of token.split(".").slice(1)) expect(scheduler.log.join("")).not.toContain(part);
  });
});
