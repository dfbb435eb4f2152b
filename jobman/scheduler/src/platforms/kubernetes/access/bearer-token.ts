import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** RFC 6750, section 2.1; no token of Kubernetes or of an OIDC issuer is longer. */
const credentials = /^Bearer +([A-Za-z0-9\-._~+/]{1,8192}=*)$/i;

/**
 * The token of a request. Throws `Refusal`: also where there are two, of which a server in between may have checked the
 * other one.
 */
export function bearerToken(request: Pick<IncomingMessage, "headersDistinct">): string {
  const sent = request.headersDistinct.authorization ?? [];
  const [only] = sent;
  if (only === undefined) throw new Refusal("missing");
  const token = sent.length === 1 ? credentials.exec(only.trim())?.[1] : undefined;
  if (token === undefined) throw new Refusal("malformed");
  return token;
}
