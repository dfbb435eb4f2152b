import type { FSWatcher } from "node:fs";
import type { RequestListener } from "node:http";
import { userSocket } from "@workstation/site";
import type { User } from "../users/user.ts";
import { type Listener, listenOn, makeSocketFolder } from "./listen.ts";
import { watchIfPossible } from "./watch-folder.ts";

/** One listening socket a user: who comes through it is that user. */
export interface UserSockets {
  /** Opens and closes sockets until exactly these users have one. */
  follow(users: readonly User[]): Promise<void>;
  has(user: string): boolean;
  close(): Promise<void>;
}

export interface UserSocketOptions {
  readonly run: string;
  readonly staging: string;
  /** True as root: folders and sockets are given to their users. */
  readonly giveAway: boolean;
  readonly handlerFor: (user: string) => RequestListener;
  readonly onError: (message: string) => void;
  /** How often a removed socket is looked for, beside the file system's own notice. */
  readonly checkEveryMs: number;
}

/** Keeps the users' sockets; a socket file that was removed or replaced is made again, its folder never is. */
export function createUserSockets(options: UserSocketOptions): UserSockets {
  const doors = new Map<string, Door>();
  let work = Promise.resolve();
  const serially = (task: () => Promise<void>): Promise<void> => {
    work = work.catch(() => undefined).then(task);
    return work;
  };
  const mend = (): void => void serially(() => mendAll(doors, options)).catch(() => undefined);
  const timer = setInterval(mend, options.checkEveryMs);
  timer.unref();
  return {
    follow: (users) => serially(() => followUsers(doors, users, { ...options, mend })),
    has: (user) => doors.has(user),
    close: () => {
      clearInterval(timer);
      return serially(() => closeAll(doors));
    },
  };
}

interface Door {
  readonly user: User;
  readonly watcher: FSWatcher | undefined;
  listener: Listener | undefined;
}

type Doors = Map<string, Door>;

async function followUsers(
  doors: Doors,
  users: readonly User[],
  options: UserSocketOptions & { readonly mend: () => void },
): Promise<void> {
  const names = new Set(users.map((user) => user.name));
  for (const [name, door] of doors) if (!names.has(name)) await closeDoor(doors, door);
  for (const user of users) {
    if (doors.has(user.name)) continue;
    try {
      doors.set(user.name, await openDoor(user, options));
    } catch (error) {
      options.onError(`socket of ${user.name}: ${(error as Error).message}`);
    }
  }
}

async function openDoor(
  user: User,
  options: UserSocketOptions & { readonly mend: () => void },
): Promise<Door> {
  const { folder } = userSocket(options.run, user.name);
  await makeSocketFolder(folder, { mode: 0o700, owner: options.giveAway ? user : undefined });
  const listener = await openListener(user, options);
  return { user, watcher: watchIfPossible(folder, options.mend), listener };
}

function openListener(user: User, options: UserSocketOptions): Promise<Listener> {
  return listenOn(userSocket(options.run, user.name).socket, {
    staging: options.staging,
    owner: options.giveAway ? user : undefined,
    handler: options.handlerFor(user.name),
  });
}

async function mendAll(doors: Doors, options: UserSocketOptions): Promise<void> {
  for (const door of doors.values()) {
    if (await door.listener?.isThere()) continue;
    try {
      const replacement = await openListener(door.user, options);
      // Requests that are under way keep their connection: only the door is new.
      door.listener?.retire();
      door.listener = replacement;
    } catch (error) {
      options.onError(`socket of ${door.user.name}: ${(error as Error).message}`);
    }
  }
}

async function closeDoor(doors: Doors, door: Door): Promise<void> {
  doors.delete(door.user.name);
  door.watcher?.close();
  await door.listener?.close();
}

async function closeAll(doors: Doors): Promise<void> {
  for (const door of doors.values()) await closeDoor(doors, door);
}
