import { stateFolders } from "@workstation/site";
import { oneAtATime } from "../../../mutex/one-at-a-time.ts";
import type { User } from "../../user.ts";
import { watchIfPossible } from "../watch-folder.ts";
import { type Reader, readUsers } from "./read-users.ts";

/** The users as the running scheduler knows them. */
export interface UserRegistry {
  get(name: string): User | undefined;
  all(): readonly User[];
  /** Reads the folders again; resolves when all that depends on the users has followed. */
  rescan(): Promise<void>;
  close(): void;
}

/** Reads the users, and again whenever their folder changes; `onChange` follows each reading. */
export async function openUserRegistry(options: {
  readonly state: string;
  readonly reader: Reader;
  readonly rescanEveryMs: number;
  readonly onChange: (users: readonly User[], problems: readonly string[]) => Promise<void>;
}): Promise<UserRegistry> {
  let found = await readUsers(options.state, options.reader);
  const tell = () => options.onChange([...found.users.values()], found.problems);
  const inTurn = oneAtATime();
  const rescan = (): Promise<void> =>
    inTurn(async () => {
      found = await readUsers(options.state, options.reader);
      await tell();
    });
  const quietly = (): void => void rescan().catch(() => undefined);
  const watcher = watchIfPossible(stateFolders(options.state).users, quietly);
  const timer = setInterval(quietly, options.rescanEveryMs);
  timer.unref();
  await tell();
  return {
    get: (name) => found.users.get(name),
    all: () => [...found.users.values()],
    rescan,
    close: () => {
      clearInterval(timer);
      watcher?.close();
    },
  };
}
