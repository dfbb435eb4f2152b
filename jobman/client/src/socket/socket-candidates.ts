import { placesFor, userSocket } from "@workstation/site/places";

/** What decides where the scheduler's socket may be. */
export interface Asker {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The account's name; undefined for a uid without an entry. */
  readonly login: () => Promise<string | undefined>;
  /** Names of the folders in a folder; throws when it cannot be read. */
  readonly listFolders: (folder: string) => readonly string[];
}

/** One place to try: a path, or the reason why a place gives none. */
export type Candidate =
  | { readonly place: string; readonly path: string }
  | { readonly place: string; readonly reason: string };

const desktopSocket = "/run/jobman/jobman.sock";
const systemRun = placesFor(0, {}).run;

/**
 * The places of the scheduler's socket, in the order in which they are tried; a named socket is the only one, a named user
 * has no other sockets than that user's on this machine. A place is only made up when the one before it has failed:
 * whoever sits in a desktop needs no look at accounts.
 */
export async function* socketCandidates(asker: Asker): AsyncGenerator<Candidate, void> {
  const named = asker.environment.JOBMAN_SOCKET;
  if (named !== undefined && named !== "") {
    yield { place: `$JOBMAN_SOCKET (${named})`, path: named };
    return;
  }
  const user = asker.environment.JOBMAN_USER;
  if (user !== undefined && user !== "") {
    yield* socketsOf(asker, user);
    return;
  }
  yield { place: desktopSocket, path: desktopSocket };
  yield* await ownSockets(asker);
  if (asker.uid === 0) yield onlySocket(asker);
}

async function ownSockets(asker: Asker): Promise<readonly Candidate[]> {
  const login = await asker.login();
  if (login === undefined) return [{ place: `${systemRun}/users`, reason: `uid ${asker.uid} has no name` }];
  return socketsOf(asker, login);
}

function socketsOf(asker: Asker, user: string): readonly Candidate[] {
  const runs = new Set([systemRun, placesFor(asker.uid, asker.environment).run]);
  return [...runs].map((run) => {
    const { socket } = userSocket(run, user);
    return { place: socket, path: socket };
  });
}

/** For root, who is no user of the queue as a rule: the one user of this machine, if there is exactly one. */
function onlySocket(asker: Asker): Candidate {
  const folder = `${systemRun}/users`;
  try {
    const users = asker.listFolders(folder);
    const [only] = users;
    if (only !== undefined && users.length === 1) {
      return { place: userSocket(systemRun, only).socket, path: userSocket(systemRun, only).socket };
    }
    const found =
      users.length === 0
        ? "no user is there; the only one would be taken"
        : `${users.length} users are there; name one: JOBMAN_USER=${only}`;
    return { place: `${folder}/*`, reason: found };
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return { place: `${folder}/*`, reason: missing ? "there is no such folder" : String(error) };
  }
}
