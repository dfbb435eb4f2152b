import type { Review } from "../access/token-review.ts";

/** Stands in for the cluster's answers, where a test needs their number or a fault of theirs. */
export interface ScriptedReview {
  /** `NAMESPACE.good` is the token of an account of that namespace; all others are nobody's. */
  readonly review: Review;
  /** The tokens that it was asked about. */
  asked: string[];
  /** The cluster cannot be asked. */
  broken: boolean;
  /** Answers wait for it. */
  held: Promise<void> | undefined;
}

export function scriptReview(): ScriptedReview {
  const script: ScriptedReview = {
    asked: [],
    broken: false,
    held: undefined,
    review: async (token) => {
      script.asked.push(token);
      if (script.broken) throw new Error("the API server gave no answer");
      await script.held;
      const namespace = /^(.*)\.good$/.exec(token)?.[1];
      const username = namespace === undefined ? "" : `system:serviceaccount:${namespace}:default`;
      return { authenticated: namespace !== undefined, user: { username }, audiences: ["jobman"] };
    },
  };
  return script;
}
