import { trustedAuthorities } from "./authorities.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { openRegistry, type Registry } from "./registry.ts";

/** A registry as this machine reaches it, and as whom. */
export interface Login {
  readonly registry: Registry;
  readonly credentials: Credentials | undefined;
}

/** Opens the registry at `host` with the authorities and the credentials of this machine. */
export async function logIn(
  host: string,
  options: { readonly signal: AbortSignal; readonly patienceMs?: number },
): Promise<Login> {
  const credentials = await findCredentials(host, options);
  const authorities = trustedAuthorities(host);
  return { credentials, registry: openRegistry(host, { ...options, authorities, credentials }) };
}
