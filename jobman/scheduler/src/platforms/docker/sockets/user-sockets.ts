import type { RequestListener } from "node:http";
import { userSocket } from "@workstation/site";
import { rarely } from "../../../diagnostics/rarely.ts";
import { createGate } from "../../connections/gate.ts";
import type { Turns } from "../../connections/turns.ts";
import type { User } from "../../user.ts";
import { createDoor, type Door } from "./door.ts";

/** One listening socket a user: who comes through it is that user. */
export interface UserSockets {
  /** Opens and closes sockets until exactly these users have one. */
  follow(users: readonly User[]): Promise<void>;
  /** True when the user can come in, as far as the last look tells. */
  isOpen(user: string): boolean;
  close(): Promise<void>;
}

export interface UserSocketOptions {
  readonly run: string;
  readonly staging: string;
  /** Makes the folders that all users' sockets share, where they are missing. */
  readonly makeFolders: () => Promise<void>;
  /** True as root: folders and sockets are given to their users. */
  readonly giveAway: boolean;
  readonly handlerFor: (user: string) => RequestListener;
  /** Connections of one user wait for their turn behind the other users'. */
  readonly turns: Turns;
  readonly onError: (message: string) => void;
  /** How often a removed socket is looked for, beside the file system's own notice. */
  readonly checkEveryMs: number;
}

/**
 * Keeps the users' sockets; a socket or a folder that was removed is made again. A folder that is there stays: where
 * it is mounted, one that was made again is not seen.
 */
export function createUserSockets(options: UserSocketOptions): UserSockets {
  const doors = new Map<string, Door>();
  const timer = setInterval(() => {
    for (const door of doors.values()) door.check();
  }, options.checkEveryMs);
  timer.unref();
  return {
    follow: (users) => followUsers(doors, users, options),
    isOpen: (user) => doors.get(user)?.isOpen() ?? false,
    close: async () => {
      clearInterval(timer);
      await Promise.all([...doors.values()].map((door) => door.close()));
      doors.clear();
    },
  };
}

async function followUsers(
  doors: Map<string, Door>,
  users: readonly User[],
  options: UserSocketOptions,
): Promise<void> {
  const names = new Set(users.map((user) => user.name));
  const left = [...doors].filter(([name]) => !names.has(name));
  const come = users.filter((user) => !doors.has(user.name)).map((user) => doorOf(user, options));
  for (const [name] of left) doors.delete(name);
  for (const { user, door } of come) doors.set(user.name, door);
  await Promise.all([
    ...left.map(([, door]) => door.close()),
    ...come.map(({ door, onError }) => door.open().catch(onError)),
  ]);
}

function doorOf(user: User, options: UserSocketOptions) {
  const { staging, makeFolders } = options;
  const onError = rarely((error) => options.onError(`socket of ${user.name}: ${(error as Error).message}`));
  const door = createDoor({
    ...userSocket(options.run, user.name),
    owner: options.giveAway ? user : undefined,
    handler: options.handlerFor(user.name),
    gate: createGate(options.turns.newRow()),
    staging,
    makeFolders,
    onError,
  });
  return { user, door, onError };
}
