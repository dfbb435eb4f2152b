import type { FSWatcher } from "node:fs";
import { stat } from "node:fs/promises";
import { type OneAtATime, oneAtATime } from "../../../mutex/one-at-a-time.ts";
import { watchIfPossible } from "../watch-folder.ts";
import { type Listener, type ListenOptions, listenOn, makeSocketFolder } from "./listen.ts";

/** One listening socket that is kept in its place, whatever happens to its file or its folder. */
export interface Door {
  /** Opens it. Throws when that fails; it is tried again at the next `check` all the same. */
  open(): Promise<void>;
  /** True when the socket was in its place at the last look. */
  isOpen(): boolean;
  /** Looks whether the socket is in its place, soon; a door that failed waits longer with each failure. */
  check(): void;
  close(): Promise<void>;
}

export interface DoorOptions extends Omit<ListenOptions, "connections"> {
  readonly folder: string;
  readonly socket: string;
  /** Makes the folders above it and the one in which sockets are made, where they are missing. */
  readonly makeFolders: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

interface State {
  readonly options: DoorOptions;
  /** All that are open, also those that came through a socket file that is gone. */
  readonly connections: ListenOptions["connections"];
  listener: Listener | undefined;
  watched: { readonly watcher: FSWatcher | undefined; readonly inode: number } | undefined;
  readonly inTurn: OneAtATime;
  timer: NodeJS.Timeout | undefined;
  isOpen: boolean;
  failures: number;
  notBefore: number;
  closed: boolean;
}

/** Each door has its own turn: one that its owner broke delays nobody else's. */
export function createDoor(options: DoorOptions): Door {
  const state: State = {
    options,
    connections: new Set(),
    listener: undefined,
    watched: undefined,
    inTurn: oneAtATime(),
    timer: undefined,
    isOpen: false,
    failures: 0,
    notBefore: 0,
    closed: false,
  };
  return {
    open: () => state.inTurn(() => look(state)),
    isOpen: () => state.isOpen,
    check: () => plan(state),
    close: () => close(state),
  };
}

/** The owner can change the folder as often as a program can: one look answers all changes of this time. */
const restMs = 100;
const firstPauseMs = 1000;
const longestPauseMs = 60_000;

function plan(state: State): void {
  if (state.closed || state.timer !== undefined) return;
  const wait = Math.max(0, state.notBefore - performance.now());
  state.timer = setTimeout(() => {
    state.timer = undefined;
    void state.inTurn(() => look(state)).catch(state.options.onError);
  }, wait);
  state.timer.unref();
}

async function look(state: State): Promise<void> {
  if (state.closed) return;
  state.notBefore = performance.now() + restMs;
  if (await state.listener?.isThere()) {
    state.failures = 0;
    state.isOpen = true;
    return;
  }
  try {
    await mend(state);
    state.isOpen = true;
  } catch (error) {
    state.isOpen = false;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** state.failures);
    state.failures += 1;
    state.notBefore = performance.now() + pause;
    throw error;
  }
}

async function mend(state: State): Promise<void> {
  const { options, connections } = state;
  await options.makeFolders();
  await makeSocketFolder(options.folder, { mode: 0o700, owner: options.owner });
  await watchFolder(state);
  const replacement = await listenOn(options.socket, { ...options, connections });
  // Requests that are under way keep their connection: only the door is new.
  state.listener?.retire();
  state.listener = replacement;
}

/** A folder that was made again is another one to the file system's notices. */
async function watchFolder(state: State): Promise<void> {
  const { ino } = await stat(state.options.folder);
  if (state.watched?.inode === ino) return;
  state.watched?.watcher?.close();
  state.watched = { inode: ino, watcher: watchIfPossible(state.options.folder, () => plan(state)) };
}

async function close(state: State): Promise<void> {
  state.closed = true;
  clearTimeout(state.timer);
  await state.inTurn(async () => undefined); // what is under way ends first
  state.watched?.watcher?.close();
  await state.listener?.close();
  for (const connection of state.connections) connection.destroy();
}
