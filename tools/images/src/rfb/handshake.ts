import { connect, type Socket } from "node:net";
import { exitCodes, UserError } from "@workstation/cli";
import { ByteReader } from "./byte-reader.ts";
import { answerChallenge } from "./vnc-auth.ts";

/** Where a VNC server listens, and the password that it asks for; undefined: it must ask for none. */
export interface VncAddress {
  readonly host: string;
  readonly port: number;
  readonly password: string | undefined;
}

/** A connection that the server let in; the next word is the client's (`ClientInit`). */
export interface VncConnection {
  readonly socket: Socket;
  readonly reader: ByteReader;
}

export const protocolVersion = "RFB 003.008\n";
export const securityTypes = { none: 1, vncAuth: 2 };
const handshakeLimitMs = 10_000;

/** Connects and authenticates (RFC 6143, 7.1). Throws `VNC_UNREACHABLE`, or `VNC_REFUSED` with the server's words. */
export async function openVnc(address: VncAddress): Promise<VncConnection> {
  const socket = connect({ host: address.host, port: address.port });
  socket.setNoDelay(true);
  const reader = new ByteReader(socket);
  const limit = setTimeout(() => socket.destroy(new Error("it did not answer in time")), handshakeLimitMs);
  try {
    await agree({ socket, reader }, address.password);
    return { socket, reader };
  } catch (error) {
    socket.destroy();
    if (error instanceof UserError) throw error;
    throw unreachable(address, error);
  } finally {
    clearTimeout(limit);
  }
}

async function agree({ socket, reader }: VncConnection, password: string | undefined): Promise<void> {
  const version = (await reader.read(12)).toString("latin1");
  if (!/^RFB 00[3-9]\.\d{3}\n$/.test(version)) throw refused(`it speaks ${JSON.stringify(version)}`);
  if (version < protocolVersion) throw refused(await reasonOfOld(version, { socket, reader }));
  socket.write(protocolVersion);
  const offered = [...(await reader.read(await reader.u8()))];
  if (offered.length === 0) throw refused(await reader.text());
  const wanted = password === undefined ? securityTypes.none : securityTypes.vncAuth;
  if (!offered.includes(wanted)) {
    throw refused(password === undefined ? "it asks for a password" : "it takes no VNC password");
  }
  socket.write(Buffer.of(wanted));
  if (password !== undefined) socket.write(answerChallenge(password, await reader.read(16)));
  if ((await reader.u32()) !== 0) throw refused(await reader.text());
}

const oldestVersion = "RFB 003.003\n";

/**
 * TigerVNC speaks the oldest version to whom it does not want, without waiting for an answer: security type 0, and the reason
 * (RFC 6143, 7.1.2, and `VNCServerST.cxx`).
 */
async function reasonOfOld(version: string, { socket, reader }: VncConnection): Promise<string> {
  const old = `it speaks ${JSON.stringify(version)}, which is older than RFB 3.8`;
  if (version !== oldestVersion) return old;
  socket.write(oldestVersion);
  return (await reader.u32()) === 0 ? await reader.text() : old;
}

function refused(words: string): UserError {
  return new UserError("VNC_REFUSED", `the VNC server refused: ${words}`, { exitCode: exitCodes.notAllowed });
}

function unreachable({ host, port }: VncAddress, cause: unknown): UserError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UserError("VNC_UNREACHABLE", `no VNC server answers at ${host}:${port}: ${why}`, {
    exitCode: exitCodes.unavailable,
    cause,
  });
}
