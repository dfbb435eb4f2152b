/** Who somebody is, in the words of who vouches for it: the cluster for its accounts, the site's issuer for people. */
export type Identity =
  | { readonly kind: "account"; readonly namespace: string }
  | { readonly kind: "person"; readonly name: string };

/** What a token says, once somebody has vouched for it. */
export interface Vouched {
  readonly identity: Identity;
  /** When the token itself expires, in milliseconds since the epoch; absent where it does not say. */
  readonly expiresAt?: number;
}

/** Finds out whose a token is. Throws `Refusal`. */
export type Verifier = (token: string) => Promise<Vouched>;
