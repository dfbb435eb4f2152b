import { z } from "zod";
import type { Verifier } from "./identity.ts";
import { Refusal } from "./refusal.ts";
import { uncheckedClaims } from "./unchecked-claims.ts";

/** Asks the cluster whose a token is (authentication.k8s.io/v1). Throws where it cannot be asked. */
export type Review = (token: string, audiences: readonly string[]) => Promise<ReviewStatus>;

export type ReviewStatus = z.infer<typeof statusSchema>;

const statusSchema = z.object({
  authenticated: z.boolean().default(false),
  user: z.object({ username: z.string().default("") }).default({ username: "" }),
  audiences: z.array(z.string()).default([]),
});
const answerSchema = z.object({ status: statusSchema });

/** `post` sends a TokenReview and gives what comes back. */
export function reviewsThrough(post: (review: object) => Promise<unknown>): Review {
  return async (token, audiences) => {
    const review = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenReview",
      spec: { token, audiences },
    };
    return answerSchema.parse(await post(review)).status;
  };
}

export interface AccountVerifierOptions {
  readonly review: Review;
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears why a review could not be had. */
  readonly onFault: (fault: unknown) => void;
}

const account = /^system:serviceaccount:([^:]+):[^:]+$/;

/** Vouches for tokens of service accounts. What is expired or another's by its own words costs the cluster no review. */
export function createAccountVerifier({ review, audience, now, onFault }: AccountVerifierOptions): Verifier {
  return async (token) => {
    const claims = uncheckedClaims(token);
    // The API server itself goes on for a minute more; a desktop's token was replaced long before.
    if (claims.expiresAt !== undefined && claims.expiresAt <= now()) throw new Refusal("expired");
    if (claims.audiences?.includes(audience) === false) throw new Refusal("audience");
    const status = await review(token, [audience]).catch((error: unknown) => {
      onFault(error);
      throw new Refusal("unavailable", error);
    });
    if (!status.authenticated) throw new Refusal("invalid");
    // A server that does not know of audiences vouches for a token that may be meant for anybody.
    if (!status.audiences.includes(audience)) throw new Refusal("audience");
    const namespace = account.exec(status.user.username)?.[1];
    if (namespace === undefined) throw new Refusal("stranger");
    const expires = claims.expiresAt === undefined ? {} : { expiresAt: claims.expiresAt };
    return { identity: { kind: "account", namespace }, ...expires };
  };
}
