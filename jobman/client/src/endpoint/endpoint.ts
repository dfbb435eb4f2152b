/** Where a scheduler is reached: the socket of its machine, or the address of a cluster's. */
export type Endpoint = SocketEndpoint | UrlEndpoint;

interface SocketEndpoint {
  readonly kind: "socket";
  readonly path: string;
}

/** Reached by HTTPS alone: a token goes to nobody who has not shown a certificate for the address. */
export interface UrlEndpoint {
  readonly kind: "url";
  readonly url: URL;
  /** Who is asking; read anew for each request, because such tokens are replaced before they expire. */
  readonly tokenFile: string;
  /** The authorities that are trusted, in PEM, and no others; without it, those that Node trusts. */
  readonly authorityFile?: string;
}
