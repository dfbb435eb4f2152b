import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createWebSocketStream, type WebSocket } from "ws";
import { ByteReader } from "../rfb/byte-reader.ts";
import {
  openVnc,
  protocolVersion,
  securityTypes,
  type VncAddress,
  type VncConnection,
} from "../rfb/handshake.ts";

/** WebSocket's own codes: something unexpected prevented it, and "try again later". */
const codes = { failed: 1011, tryLater: 1013 };

/** Our own, of the private range: this desktop has ended and will not come back. `page/desktop.js` knows it too. */
export const endedCode = 4001;

/**
 * Connects a browser with the VNC server, until one of the two ends. To the server it is the client that knows the
 * password, to the browser a server that asks for none.
 */
export async function bridge(browser: WebSocket, vnc: VncAddress): Promise<void> {
  browser.on("error", () => browser.terminate());
  let server: VncConnection;
  try {
    server = await openVnc(vnc);
  } catch {
    browser.close(codes.tryLater, "the desktop does not answer");
    return;
  }
  const stream = createWebSocketStream(browser);
  try {
    const early = await letIn(stream);
    server.socket.write(early);
    stream.write(server.reader.release());
    await pipeline(stream, server.socket, stream);
  } catch {
    browser.close(codes.failed, "the desktop closed the connection");
  } finally {
    server.socket.destroy();
  }
}

/** The server's side of the handshake, without a password; answers what the browser sent beyond it. */
async function letIn(browser: Duplex): Promise<Buffer> {
  const reader = new ByteReader(browser);
  browser.write(protocolVersion);
  await reader.read(protocolVersion.length);
  browser.write(Buffer.of(1, securityTypes.none));
  await reader.read(1);
  browser.write(Buffer.alloc(4));
  return reader.release();
}
