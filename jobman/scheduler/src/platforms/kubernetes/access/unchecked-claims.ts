import { decodeJwt } from "jose";

/** What a token says of itself, vouched for by nobody: good for a refusal, never for more. */
export interface UncheckedClaims {
  readonly issuer?: string;
  readonly audiences?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}

/** The claims of a JWT; none of a token of another kind. */
export function uncheckedClaims(token: string): UncheckedClaims {
  try {
    const { iss, aud, exp } = decodeJwt(token);
    return {
      ...(typeof iss === "string" ? { issuer: iss } : {}),
      ...(aud === undefined ? {} : { audiences: [aud].flat().map(String) }),
      ...(typeof exp === "number" ? { expiresAt: exp * 1000 } : {}),
    };
  } catch {
    return {};
  }
}
