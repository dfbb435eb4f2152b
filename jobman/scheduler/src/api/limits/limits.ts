/**
 * What one user may take of the scheduler, so that every other user is served as if nobody else were there.
 * A researcher's own use (a list every second, twenty `logs -f` side by side) stays far below each of them.
 */
export const limits = {
  /** 1 MiB of arguments and environment is promised; in JSON a line end or a quote takes two bytes. */
  bodyBytes: 2 * 1024 * 1024,
  /** All values of a request: 4096 arguments and as many variables and annotations together. */
  bodyValues: 8192,
  /** A request has lists and objects in one object. */
  bodyDepth: 4,
  /** Bytes of bodies that are being received or worked on: four of the largest. */
  bodyBytesInFlight: 8 * 1024 * 1024,
  /** Requests that are not yet answered; a delete is not before its job has ended. */
  requestsInFlight: 64,
  /** Watches and logs that are open: a followed job has one of each. */
  streams: 64,
  /** What requests cost is taken from a store that fills by so much a second ... */
  tokensPerSecond: 100,
  /** ... up to this. */
  mostTokens: 400,
  /** An answer that nobody reads is given up. */
  unreadAnswerMs: 30_000,
  /** A turn of a user that took longer than this is followed by a rest ... */
  longTurnMs: 5,
  /** ... of so many times its length. */
  restFactor: 4,
} as const;

/** What a request costs: what it makes the scheduler or the engine do, beside a look into memory. */
export function costOf(method: string, kind: "stream" | "request", bodyBytes: number): number {
  if (kind === "stream") return 2;
  return (method === "GET" ? 1 : 2) + Math.floor(bodyBytes / 32_768);
}
