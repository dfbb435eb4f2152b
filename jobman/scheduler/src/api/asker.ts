import type { FastifyRequest } from "fastify";
import { ApiError } from "../errors/api-error.ts";
import type { Platform } from "../platforms/platform.ts";
import type { User } from "../platforms/user.ts";
import type { App } from "./app.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who is asking, from the first hook on. */
    asker: User | undefined;
  }
}

/** Lets no request go on before it is known whose it is. */
export function authenticateFirst(app: App, authenticate: Platform["authenticate"]): void {
  app.decorateRequest("asker", undefined);
  app.addHook("onRequest", async (request) => {
    request.asker = await authenticate(request.raw);
  });
}

/** Who is asking. Throws `NOT_ALLOWED` where nobody was authenticated. */
export function userOf({ asker }: Pick<FastifyRequest, "asker">): User {
  if (asker !== undefined) return asker;
  throw new ApiError("NOT_ALLOWED", "this request is nobody's");
}
