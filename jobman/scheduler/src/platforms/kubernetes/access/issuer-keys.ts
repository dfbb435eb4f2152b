import { UserError } from "@workstation/cli";
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { z } from "zod";
import { getJson } from "./get-json.ts";

/** The issuer cannot be asked, or says what no issuer says. */
export class IssuerUnavailable extends Error {}

export interface IssuerOptions {
  readonly issuer: string;
  readonly authorities?: string;
  readonly cooldown?: number;
  readonly now: () => number;
}

const patience = 5000;
const usualCooldown = 30_000;
/** A key that the issuer has withdrawn is honoured no longer than this. */
const keysAge = 10 * 60_000;
const discoveryAge = 60 * 60_000;

const discoverySchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https$/ }) });

/**
 * The public keys of an issuer, found by OpenID Connect Discovery 1.0: fetched when a token names one that is not known, but
 * not more often than the cooldown allows. Throws `OIDC_ISSUER_INSECURE`; the keys throw `IssuerUnavailable` and errors of jose.
 */
export function createIssuerKeys(options: IssuerOptions): JWTVerifyGetKey {
  insistOnHttps(options.issuer);
  const { now, cooldown = usualCooldown } = options;
  let found: { readonly keys: Promise<JWTVerifyGetKey>; readonly until: number } | undefined;
  const discover = (): Promise<JWTVerifyGetKey> => {
    if (found !== undefined && now() < found.until) return found.keys;
    const keys = discoverKeys(options, cooldown);
    found = { keys, until: now() + discoveryAge };
    keys.catch(() => {
      found = { keys, until: now() + Math.min(cooldown, patience) };
    });
    return keys;
  };
  return async (...key) => (await discover())(...key);
}

function insistOnHttps(issuer: string): void {
  if (issuer.startsWith("https://")) return;
  throw new UserError("OIDC_ISSUER_INSECURE", `kubernetes.oidc.issuer "${issuer}" is not reached by https`, {
    hint: "whoever is on the way could give keys of their own: name its https address",
  });
}

async function discoverKeys(
  { issuer, authorities }: IssuerOptions,
  cooldown: number,
): Promise<JWTVerifyGetKey> {
  const get = (url: string) =>
    getJson(url, { authorities, patience }).catch((cause: unknown) => {
      throw new IssuerUnavailable(`the issuer of tokens: ${String(cause)}`, { cause });
    });
  const answer = await get(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const parsed = discoverySchema.safeParse(answer);
  if (!parsed.success || parsed.data.issuer !== issuer) {
    throw new IssuerUnavailable(`what is found at ${issuer} is not the discovery of that issuer`);
  }
  return createRemoteJWKSet(new URL(parsed.data.jwks_uri), {
    cooldownDuration: cooldown,
    cacheMaxAge: keysAge,
    timeoutDuration: patience,
    [customFetch]: async (url: string) => Response.json(await get(url)),
  });
}
