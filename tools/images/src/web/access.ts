import { randomBytes, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What of a request says who sent it. */
export type Asking = Pick<IncomingMessage, "headers" | "url">;

/**
 * Who may see the desktop: the one browser that opened the link. A link is worth nothing after its first use. The cookie
 * has a path of its own, because browsers send cookies of a host to all of its ports.
 */
export class Access {
  readonly origin: string;
  /** Where the desktop's page lies. */
  readonly home: string;
  readonly openPath = "/open/";
  readonly #host: string;
  readonly #cookieName: string;
  readonly #token = secret();
  readonly #cookie = secret();
  #used = false;

  constructor(port: number) {
    this.#host = `127.0.0.1:${port}`;
    this.origin = `http://${this.#host}`;
    this.home = `/${randomBytes(9).toString("base64url")}/`;
    this.#cookieName = `desktop-${port}`;
  }

  get link(): string {
    return `${this.origin}${this.openPath}${this.#token}`;
  }

  /** Whether a browser has opened the link. */
  get used(): boolean {
    return this.#used;
  }

  /** A page of another name that leads to this machine (DNS rebinding) sends that name. */
  isForUs({ headers }: Asking): boolean {
    return headers.host === this.#host;
  }

  /** The `Set-Cookie` for the link's token, the first time; undefined for another token and ever after. */
  redeem(token: string): string | undefined {
    if (this.#used || !equal(token, this.#token)) return undefined;
    this.#used = true;
    return `${this.#cookieName}=${this.#cookie}; Path=${this.home}; HttpOnly; SameSite=Strict`;
  }

  isKnown({ headers }: Asking): boolean {
    const pairs = (headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
    return pairs.some(([name, value = ""]) => name === this.#cookieName && equal(value, this.#cookie));
  }

  /** Whether a WebSocket may be opened: browsers let any page try, and say only in `Origin` which one it was. */
  mayConnect(request: Asking): boolean {
    const ours = request.url === `${this.home}socket` && request.headers.origin === this.origin;
    return ours && this.isForUs(request) && this.isKnown(request);
  }
}

function secret(): string {
  return randomBytes(32).toString("base64url");
}

function equal(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
