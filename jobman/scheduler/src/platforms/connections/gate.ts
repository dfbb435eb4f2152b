import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import type { TakeTurn } from "./turns.ts";

/** Stands between a user's connection and the HTTP server. */
export type Gate = (connection: Socket) => Duplex;

/** How much is handed to the HTTP parser in one turn: it makes all requests in it at once, some dozen of the smallest. */
const sliceBytes = 2048;

/** A gate that lets everything pass in slices, both ways, each when it is the user's turn; the rest waits in the kernel. */
export function createGate(takeTurn: TakeTurn): Gate {
  return (connection) => {
    const reading = { wanted: false };
    const passOn = (): void => {
      // Without this look at an empty buffer the end of the connection is never told.
      if (connection.readableLength === 0) connection.read(0);
      if (!reading.wanted || connection.readableLength === 0) return;
      reading.wanted = false;
      takeTurn(() => gate.push(connection.read(Math.min(sliceBytes, connection.readableLength))));
    };
    const gate = new Duplex({
      read: () => {
        reading.wanted = true;
        passOn();
      },
      write: (chunk, _encoding, done) => takeTurn(() => connection.write(chunk, done), "brief"),
      writev: (chunks, done) => {
        const together = Buffer.concat(chunks.map(({ chunk }) => chunk));
        takeTurn(() => connection.write(together, done), "brief");
      },
      final: (done) => takeTurn(() => connection.end(done)),
      destroy: (error, done) => {
        connection.destroy();
        done(error);
      },
    });
    connection.on("readable", passOn);
    connection.on("end", () => takeTurn(() => gate.push(null)));
    connection.on("error", (error) => gate.destroy(error));
    connection.on("close", () => gate.destroy());
    return withTimeout(gate, connection);
  };
}

/** The HTTP server ends idle connections with the timer that sockets have. */
function withTimeout(gate: Duplex, connection: Socket): Duplex {
  connection.on("timeout", () => gate.emit("timeout"));
  return Object.assign(gate, {
    setTimeout: (milliseconds: number, listener?: () => void) => {
      connection.setTimeout(milliseconds, listener);
      return gate;
    },
  });
}
