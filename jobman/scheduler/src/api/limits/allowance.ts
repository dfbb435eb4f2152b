import { limits } from "./limits.ts";

/** What one request takes of its user's allowance. */
export interface Demand {
  readonly kind: "stream" | "request";
  readonly bodyBytes: number;
  readonly tokens: number;
}

/** What one user has under way, and may still ask for. */
export interface Allowance {
  /** Takes what a request needs. Returns the way to give it back, or why it is not given. */
  take(demand: Demand): { readonly giveBack: () => void } | { readonly refusal: string };
}

/** `now` gives milliseconds of a clock that never goes back. */
export function createAllowance(now: () => number): Allowance {
  const state: State = { tokens: limits.mostTokens, filledAt: now(), requests: 0, streams: 0, bodyBytes: 0 };
  return {
    take: (demand) => {
      fill(state, now());
      const refusal = refuse(state, demand);
      if (refusal !== undefined) return { refusal };
      state.tokens -= demand.tokens;
      count(state, demand, 1);
      return { giveBack: () => count(state, demand, -1) };
    },
  };
}

interface State {
  tokens: number;
  filledAt: number;
  requests: number;
  streams: number;
  bodyBytes: number;
}

function fill(state: State, at: number): void {
  const gained = ((at - state.filledAt) / 1000) * limits.tokensPerSecond;
  state.tokens = Math.min(limits.mostTokens, state.tokens + gained);
  state.filledAt = at;
}

function refuse(state: State, { kind, bodyBytes, tokens }: Demand): string | undefined {
  if (kind === "stream" && state.streams >= limits.streams) {
    return `${limits.streams} watches and logs of yours are open already`;
  }
  if (kind === "request" && state.requests >= limits.requestsInFlight) {
    return `${limits.requestsInFlight} requests of yours are under way already`;
  }
  if (bodyBytes > 0 && state.bodyBytes + bodyBytes > limits.bodyBytesInFlight) {
    return "too many large requests of yours are under way";
  }
  return tokens > state.tokens ? "too many requests of yours in a short time" : undefined;
}

function count(state: State, { kind, bodyBytes }: Demand, by: 1 | -1): void {
  if (kind === "stream") state.streams += by;
  else state.requests += by;
  state.bodyBytes += by * bodyBytes;
}
