import { userNamePattern } from "@workstation/site";
import { errors, type JWTPayload, jwtVerify } from "jose";
import type { Verifier } from "./identity.ts";
import { createIssuerKeys, IssuerUnavailable } from "./issuer-keys.ts";
import { Refusal } from "./refusal.ts";

export interface OidcOptions {
  /** Exactly as it stands in tokens; its keys are fetched by https alone. */
  readonly issuer: string;
  readonly audience: string;
  /** The claim that holds the name of a user. */
  readonly userClaim: string;
  /** Who certifies the issuer's server, PEM, in place of those that Node trusts. */
  readonly authorities?: string;
  /** How long an issuer that was asked for its keys is left alone, in milliseconds. */
  readonly cooldown?: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears why the issuer's keys could not be had. */
  readonly onFault: (fault: unknown) => void;
}

/** None with a shared secret, and not "none": an issuer's key is public. */
const algorithms = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
const clockToleranceSeconds = 30;

/** Vouches for the ID tokens of the site's issuer (OpenID Connect Core 1.0, section 3.1.3.7). Throws `OIDC_ISSUER_INSECURE`. */
export function createPersonVerifier(options: OidcOptions): Verifier {
  const { issuer, audience, userClaim, now, onFault } = options;
  const keys = createIssuerKeys(options);
  return async (token) => {
    const checks = {
      issuer,
      audience,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["exp", userClaim],
      currentDate: new Date(now()),
    };
    const { payload } = await jwtVerify(token, keys, checks).catch((error: unknown) => {
      throw refusalFor(error, onFault);
    });
    return {
      identity: { kind: "person", name: nameIn(payload, userClaim) },
      expiresAt: (payload.exp ?? 0) * 1000,
    };
  };
}

function nameIn(payload: JWTPayload, userClaim: string): string {
  const name = payload[userClaim];
  if (typeof name !== "string" || !userNamePattern.test(name)) throw new Refusal("stranger");
  return name;
}

function refusalFor(error: unknown, onFault: OidcOptions["onFault"]): Refusal {
  if (error instanceof errors.JWTExpired) return new Refusal("expired", error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new Refusal(error.claim === "aud" ? "audience" : "invalid", error);
  }
  const isNoFault = ourMisfortunes.every((misfortune) => !(error instanceof misfortune));
  if (error instanceof errors.JOSEError && isNoFault) return new Refusal("invalid", error);
  onFault(error);
  return new Refusal("unavailable", error);
}

/** What is not the token's fault. */
const ourMisfortunes = [IssuerUnavailable, errors.JWKSTimeout, errors.JWKSInvalid] as const;
