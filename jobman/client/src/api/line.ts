import type { Socket } from "node:net";

/** How requests get to a scheduler. */
export interface Line {
  /** Each request has a connection of its own: after a lost one the next may come to another replica. */
  readonly connect: () => Socket;
  /** The connection's event before which nothing can have reached the scheduler. */
  readonly readyEvent: "connect" | "secureConnect";
  /** What stands in front of the API's own paths. */
  readonly pathPrefix: string;
  readonly headers: Readonly<Record<string, string>>;
}
