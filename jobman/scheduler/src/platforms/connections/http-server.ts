import type { Server } from "node:net";
import type { Duplex } from "node:stream";

/** A user who opens connections without end takes them from nobody else. */
export const mostConnections = 256;

/** Milliseconds; a request that is not whole by then is nobody's. `highWaterMark`: bytes read ahead of a turn. */
export const serverLimits = {
  keepAliveTimeout: 5000,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  highWaterMark: 16_384,
} as const;

/** A request that cannot be parsed is told so before its connection ends. */
export function answerBadRequest(error: NodeJS.ErrnoException, connection: Duplex): void {
  if (!connection.writable || error.code === "ECONNRESET") connection.destroy();
  else {
    const status = badRequests[error.code ?? ""] ?? "400 Bad Request";
    connection.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () =>
      connection.destroy(),
    );
  }
}

const badRequests: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: "431 Request Header Fields Too Large",
  ERR_HTTP_REQUEST_TIMEOUT: "408 Request Timeout",
};

/**
 * Lets `visit` decide what becomes of each connection that a server has: `serve` hands it, or any duplex stream in its
 * place, to what the server does itself on `event`.
 */
export function interpose<Connection extends Duplex>(
  server: Server,
  event: "connection" | "secureConnection",
  visit: (connection: Connection, serve: (connection: Duplex) => void) => void,
): void {
  const own = server.listeners(event);
  server.removeAllListeners(event);
  const serve = (connection: Duplex): void => {
    for (const listener of own) listener.call(server, connection);
  };
  server.on(event, (connection: Connection) => visit(connection, serve));
}
