import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { ApiError } from "../errors/api-error.ts";
import type { User } from "../platforms/user.ts";

/** Tells who is asking. On one machine that is decided by the socket through which a request came. */
export interface Identities {
  /** A request listener for the socket of `user`. */
  listenerFor(user: string, next: RequestListener): RequestListener;
  /** The user as known now, so that a grant holds from the next request on. Throws `NOT_ALLOWED`. */
  identify(request: object): User;
}

export function createIdentities(find: (name: string) => User | undefined): Identities {
  const names = new WeakMap<object, string>();
  return {
    listenerFor: (user, next) => (request: IncomingMessage, response: ServerResponse<IncomingMessage>) => {
      names.set(request, user);
      next(request, response as never);
    },
    identify: (request) => {
      const name = names.get(request);
      const user = name === undefined ? undefined : find(name);
      if (user !== undefined) return user;
      throw new ApiError("NOT_ALLOWED", "you are not a user of this scheduler", {
        hint: "the operator adds users with: jobman-scheduler user add NAME",
      });
    },
  };
}
