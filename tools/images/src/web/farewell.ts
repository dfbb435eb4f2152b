import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { WebSocket, WebSocketServer } from "ws";
import { endedCode } from "./bridge.ts";

/** How long a browser may take to answer that it has heard. */
const answerMs = 1000;

/** The end of a desktop, told to whoever looks at it, and to whoever tries to after that. */
export class Farewell {
  readonly #sockets: WebSocketServer;
  readonly #told = Promise.withResolvers<void>();
  #how: string | undefined;

  constructor(sockets: WebSocketServer) {
    this.#sockets = sockets;
  }

  /** Tells the browser if there is something to tell. */
  tell(browser: WebSocket): boolean {
    if (this.#how === undefined) return false;
    browser.on("error", () => browser.terminate());
    browser.once("close", () => this.#told.resolve());
    browser.close(endedCode, this.#how);
    return true;
  }

  /** Resolves when those who are connected have heard; where nobody is, when somebody came and did, or after `patienceMs`. */
  async say(how: string, patienceMs: number): Promise<void> {
    this.#how = how;
    const here = [...this.#sockets.clients].filter((browser) => browser.readyState === browser.OPEN);
    const heard = here.map((browser) => once(browser, "close"));
    for (const browser of here) this.tell(browser);
    const over = new AbortController();
    const limit = pause(here.length > 0 ? answerMs : patienceMs, undefined, { signal: over.signal });
    await Promise.race([here.length > 0 ? Promise.all(heard) : this.#told.promise, limit]);
    over.abort();
    await limit.catch(() => undefined);
  }
}
