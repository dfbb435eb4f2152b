import { ApiError } from "../../../errors/api-error.ts";

/** Why a request is let in by nobody; for counters, and for a word to whoever asks. */
export type RefusalReason = keyof typeof sentences;

/** A request that is not let in. Its texts hold nothing of what was sent. */
export class Refusal extends ApiError {
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, cause?: unknown) {
    const { code, message, hint } = sentences[reason];
    super(code, message, { hint, cause });
    this.name = "Refusal";
    this.reason = reason;
  }
}

const renewed = "a desktop's token is replaced by itself; another one you get where you got this one";

const sentences = {
  missing: {
    code: "NOT_AUTHENTICATED",
    message: "no token says who is asking",
    hint: "send one: Authorization: Bearer TOKEN",
  },
  malformed: {
    code: "NOT_AUTHENTICATED",
    message: "what was sent to say who is asking is no single token",
    hint: "send one: Authorization: Bearer TOKEN",
  },
  expired: { code: "NOT_AUTHENTICATED", message: "the token has expired", hint: renewed },
  audience: {
    code: "NOT_AUTHENTICATED",
    message: "the token was made for another service than this scheduler",
    hint: "its audience is wrong: ask the operator for the scheduler's",
  },
  invalid: {
    code: "NOT_AUTHENTICATED",
    message: "the token is not good: nobody vouches for it, or its account or desktop is gone",
    hint: renewed,
  },
  stranger: {
    code: "NOT_ALLOWED",
    message: "you are not a user of this scheduler",
    hint: "the operator adds users; a token of a namespace is its user's alone",
  },
  unavailable: {
    code: "AUTHENTICATION_UNAVAILABLE",
    message: "it cannot be told at the moment whether your token is good",
    hint: "try again in a moment; if it stays so, ask the operator",
  },
  flood: {
    code: "TOO_MANY_REQUESTS",
    message: "too many tokens that are not known came from your address in a short time",
    hint: "wait a moment",
  },
} as const;
