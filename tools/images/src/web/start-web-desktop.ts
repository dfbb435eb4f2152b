import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { VncAddress } from "../rfb/handshake.ts";
import { Access } from "./access.ts";
import { bridge } from "./bridge.ts";
import { Farewell } from "./farewell.ts";
import {
  loadPageFiles,
  type PageFile,
  type PageFiles,
  type PageWords,
  securityHeaders,
} from "./page-files.ts";

/** A desktop that is to be shown in a browser of this machine. */
export interface WebDesktopOptions extends PageWords {
  readonly vnc: VncAddress;
}

/** A running page. */
export interface WebDesktop {
  /** Opens the desktop, once: it makes the browser that opened it the only one that may. */
  readonly link: string;
  /**
   * Tells the page that the desktop has ended, and how (at most 123 bytes), then closes. A page that is between two attempts
   * to connect is waited for, at most `patienceMs`.
   */
  readonly end: (how: string, patienceMs?: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A little more than the longest pause between two attempts of the page. */
const usualPatienceMs = 6000;

/**
 * Serves noVNC on loopback, for one browser. The VNC password stays here: the bridge answers the server's challenge itself.
 * What is not the browser that opened the link, by its cookie, gets nothing; other pages and other names of this
 * machine are refused by `Origin` and `Host`.
 */
export async function startWebDesktop(options: WebDesktopOptions): Promise<WebDesktop> {
  const server = createServer();
  const port = await listenOnLoopback(server);
  const access = new Access(port);
  const files = await loadPageFiles(options);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 32 << 20 });
  server.on("request", (request, response) => answer(request, response, { access, files }));
  const farewell = new Farewell(sockets);
  const welcome = (browser: WebSocket) => {
    if (!farewell.tell(browser)) void bridge(browser, options.vnc);
  };
  server.on("upgrade", (request: IncomingMessage, socket, head) => {
    socket.on("error", () => socket.destroy());
    if (!access.mayConnect(request)) socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
    else sockets.handleUpgrade(request, socket, head, welcome);
  });
  const close = async () => {
    for (const browser of sockets.clients) browser.terminate();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    link: access.link,
    end: async (how, patienceMs = usualPatienceMs) => {
      await farewell.say(how, access.used ? patienceMs : 0);
      await close();
    },
    close,
  };
}

/** On a free port, which is returned. */
async function listenOnLoopback(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

interface Site {
  readonly access: Access;
  readonly files: PageFiles;
}

function answer(request: IncomingMessage, response: ServerResponse, site: Site): void {
  const { status, file, cookie } = chosen(request, site);
  response.writeHead(status, {
    ...securityHeaders(site.access.origin),
    "Content-Type": file.type,
    ...(cookie === undefined ? {} : { "Set-Cookie": cookie }),
  });
  response.end(file.content);
}

interface Answer {
  readonly status: number;
  readonly file: PageFile;
  readonly cookie?: string;
}

function chosen(request: IncomingMessage, { access, files }: Site): Answer {
  const path = request.url ?? "";
  if (!access.isForUs(request)) return { status: 421, file: files.refused };
  if (request.method !== "GET") return { status: 405, file: files.refused };
  if (path.startsWith(access.openPath)) {
    const cookie = access.redeem(path.slice(access.openPath.length));
    if (cookie === undefined) return { status: 410, file: files.used };
    return { status: 200, file: files.opened(access.home), cookie };
  }
  if (!access.isKnown(request)) return { status: 403, file: files.refused };
  const file = path.startsWith(access.home) ? files.pages.get(path.slice(access.home.length)) : undefined;
  return file === undefined ? { status: 404, file: files.refused } : { status: 200, file };
}
