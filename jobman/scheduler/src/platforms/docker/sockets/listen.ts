import { chmod, chown, lstat, mkdir, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import type { Gate } from "../../connections/gate.ts";
import { answerBadRequest, interpose, mostConnections, serverLimits } from "../../connections/http-server.ts";

/** The account that a socket belongs to. */
export interface SocketOwner {
  readonly uid: number;
  readonly gid: number;
}

/** A listening Unix socket, and which file it is. */
export interface Listener {
  /** True while the file is the one that we listen on. */
  isThere(): Promise<boolean>;
  /** Takes no new connections, leaves those that are open. */
  retire(): void;
  /** Takes the file away and ends every connection. */
  close(): Promise<void>;
}

export interface ListenOptions {
  readonly staging: string;
  readonly owner: SocketOwner | undefined;
  readonly handler: RequestListener;
  /** Through which connections reach the handler; without one they do so directly. */
  readonly gate?: Gate;
  /** The owner's open connections, however many sockets they came through; one too many is ended at once. */
  readonly connections: Set<Socket>;
}

let made = 0;

/**
 * Listens on `path`, replacing what is there. The socket is made and given to its owner in `staging`, a folder that
 * only we can write, and then moved: in the owner's folder no step of ours can be led to another file.
 * Throws when that cannot be done, and then nothing of it is left.
 */
export async function listenOn(path: string, options: ListenOptions): Promise<Listener> {
  made += 1;
  const staged = join(options.staging, `${process.pid}-${made}.sock`);
  const server = makeServer(options);
  try {
    await unlink(staged).catch(() => undefined);
    await bind(server, staged);
    if (options.owner !== undefined) await chown(staged, options.owner.uid, options.owner.gid);
    const { ino } = await lstat(staged);
    await rename(staged, path);
    return listenerOf(server, { path, ino });
  } catch (error) {
    // Closed, it is no longer reached through the file, and holds no descriptor.
    server.close();
    await unlink(staged).catch(() => undefined);
    throw error;
  }
}

/** Takes away the sockets that an earlier process left in `staging`. */
export async function emptyStaging(staging: string): Promise<void> {
  const names = await readdir(staging);
  await Promise.all(names.map((name) => rm(join(staging, name), { recursive: true, force: true })));
}

function listenerOf(
  server: Server,
  { path, ino }: { readonly path: string; readonly ino: number },
): Listener {
  return {
    isThere: async () => (await inode(path)) === ino,
    retire: () => void server.close(),
    close: async () => {
      if ((await inode(path)) === ino) await unlink(path);
      server.close();
      server.closeAllConnections();
    },
  };
}

function makeServer({ handler, gate, connections }: ListenOptions): Server {
  const server = createServer(serverLimits, handler);
  server.on("clientError", answerBadRequest);
  interpose(server, "connection", (connection: Socket, serve) => {
    if (connections.size >= mostConnections) {
      connection.destroy();
      return;
    }
    connections.add(connection);
    connection.once("close", () => connections.delete(connection));
    serve(gate === undefined ? connection : gate(connection));
  });
  return server;
}

/** Makes a folder for one socket, `mode` bits, owned by `owner`; one that is there is kept, with its inode. */
export async function makeSocketFolder(
  folder: string,
  options: {
    readonly mode: number;
    readonly owner: SocketOwner | undefined;
    /** Refuses a folder that may not be used, before anything of it is changed. */
    readonly check?: () => Promise<void>;
  },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await options.check?.();
  const found = await stat(folder);
  const { owner } = options;
  if (owner !== undefined && (found.uid !== owner.uid || found.gid !== owner.gid)) {
    await chown(folder, owner.uid, owner.gid);
  }
  if ((found.mode & 0o7777) !== options.mode) await chmod(folder, options.mode);
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    // The mask holds for the one synchronous call that makes the file: it never exists with wider permissions.
    const before = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off("error", reject);
        server.on("error", () => undefined);
        resolve();
      });
    } finally {
      process.umask(before);
    }
  });
}

async function inode(path: string): Promise<number | undefined> {
  try {
    return (await lstat(path)).ino;
  } catch {
    return undefined;
  }
}
