import { createHash } from "node:crypto";
import type { Identity, Verifier } from "./identity.ts";
import { Refusal } from "./refusal.ts";

/** What was found out of tokens; a token itself is kept nowhere. */
export interface KnownTokens {
  /** What is known of a token; undefined where somebody must be asked. */
  recall(token: string): Identity | Refusal | undefined;
  /** Asks, once for all who bring the same token at the same time. Throws `Refusal`. */
  learn(token: string): Promise<Identity>;
}

export interface KnownTokensOptions {
  readonly verify: Verifier;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How long an answer holds, in milliseconds: a token that was withdrawn is honoured no longer than the first. */
const goodFor = 60_000;
const badFor = 10_000;
/** How many answers are kept, and how many tokens are asked about at a time. Bad ones push out no good ones. */
const mostGood = 4096;
const mostBad = 1024;
const mostAsked = 32;

export function createKnownTokens({ verify, now }: KnownTokensOptions): KnownTokens {
  const good = createBoundedMap<Identity>(mostGood, now);
  const bad = createBoundedMap<Refusal>(mostBad, now);
  const asked = new Map<string, Promise<Identity>>();
  const ask = async (key: string, token: string): Promise<Identity> => {
    try {
      const { identity, expiresAt } = await verify(token);
      good.set(key, identity, Math.min(now() + goodFor, expiresAt ?? Number.POSITIVE_INFINITY));
      return identity;
    } catch (error) {
      if (error instanceof Refusal && error.reason !== "unavailable") bad.set(key, error, now() + badFor);
      throw error;
    }
  };
  return {
    recall: (token) => {
      const key = keyOf(token);
      return good.get(key) ?? bad.get(key);
    },
    learn: (token) => {
      const key = keyOf(token);
      const underWay = asked.get(key);
      if (underWay !== undefined) return underWay;
      if (asked.size >= mostAsked) return Promise.reject(new Refusal("unavailable"));
      const answer = ask(key, token).finally(() => asked.delete(key));
      asked.set(key, answer);
      return answer;
    },
  };
}

function keyOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** Values that hold until a moment; when there are too many, the oldest goes. */
function createBoundedMap<Value>(most: number, now: () => number) {
  const entries = new Map<string, { readonly value: Value; readonly until: number }>();
  return {
    get: (key: string): Value | undefined => {
      const entry = entries.get(key);
      if (entry === undefined || now() < entry.until) return entry?.value;
      entries.delete(key);
      return undefined;
    },
    set: (key: string, value: Value, until: number): void => {
      entries.delete(key);
      const [oldest] = entries.keys();
      if (entries.size >= most && oldest !== undefined) entries.delete(oldest);
      entries.set(key, { value, until });
    },
  };
}
