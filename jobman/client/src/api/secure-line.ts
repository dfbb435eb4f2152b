import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { UrlEndpoint } from "../endpoint/endpoint.ts";
import { ConnectionError } from "./connection-error.ts";
import type { Line } from "./line.ts";

/** Until the connection must stand, in milliseconds: a node that is gone says nothing. */
const connectTimeout = 10_000;
/** After so many milliseconds of silence the other side is asked whether it is still there; gone, it is known 10 s later. */
const keepAliveAfter = 15_000;

/** The line to an address, with the token and the authorities as their files hold them now. Throws `ConnectionError`. */
export function secureLine(endpoint: UrlEndpoint): Line {
  const { url } = endpoint;
  const authorization = `Bearer ${readToken(endpoint.tokenFile)}`;
  const ca =
    endpoint.authorityFile === undefined ? undefined : readFile("authorities", endpoint.authorityFile);
  return {
    connect: () => openConnection(url, ca),
    readyEvent: "secureConnect",
    pathPrefix: url.pathname.replace(/\/+$/, ""),
    headers: { host: url.host, authorization },
  };
}

function openConnection(url: URL, ca: string | undefined): TLSSocket {
  // A URL holds an IPv6 address in brackets.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const connection = connect({
    host,
    port: url.port === "" ? 443 : Number(url.port),
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    // Also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise: the token would go to whoever answers.
    rejectUnauthorized: true,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
  });
  connection.setKeepAlive(true, keepAliveAfter);
  const late = setTimeout(() => connection.destroy(tooLate()), connectTimeout);
  for (const event of ["secureConnect", "close"]) connection.once(event, () => clearTimeout(late));
  return connection;
}

function tooLate(): Error {
  return Object.assign(new Error("no connection in time"), { code: "ETIMEDOUT" });
}

/** Visible ASCII, as RFC 6750 has it: nothing that could end a header. */
const tokenPattern = /^[\x21-\x7e]{1,16384}$/;

function readToken(path: string): string {
  const token = readFile("token", path).trim();
  if (tokenPattern.test(token)) return token;
  throw unusable(`the file of the token, ${path}, holds ${token === "" ? "nothing" : "no token"}`);
}

function readFile(what: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const reason = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    throw unusable(`the file of the ${what}, ${path}: ${reason}`, error);
  }
}

function unusable(message: string, cause?: unknown): ConnectionError {
  return new ConnectionError("CREDENTIALS_UNUSABLE", { sent: false, cause, message });
}
