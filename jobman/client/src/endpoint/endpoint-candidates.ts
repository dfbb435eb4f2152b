import { placesFor, userSocket } from "@workstation/site/places";
import type { Endpoint } from "./endpoint.ts";
import { parseAddress } from "./parse-address.ts";

/** What decides where the scheduler may be. */
export interface Asker {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  /** The account's name; undefined for a uid without an entry. */
  readonly login: () => Promise<string | undefined>;
  /** Names of the folders in a folder; throws when it cannot be read. */
  readonly listFolders: (folder: string) => readonly string[];
  /** The text of a file; undefined where there is none, throws when it cannot be read. */
  readonly readText: (path: string) => string | undefined;
}

/** One place to try: what is there, or the reason why a place gives nothing. */
export type Candidate =
  | { readonly place: string; readonly endpoint: Endpoint }
  | { readonly place: string; readonly reason: string };

/** What a site gives its desktops: a socket, or an address with what it takes to be let in there. */
const desktop = {
  socket: "/run/jobman/jobman.sock",
  address: "/run/jobman/url",
  token: "/run/jobman/token",
  authority: "/run/jobman/ca.crt",
} as const;
const systemRun = placesFor(0, {}).run;

/**
 * The places of the scheduler, in the order in which they are tried; one that was named is the only one, a named user
 * has no others than that user's sockets on this machine. A place is only made up when the one before it has failed:
 * whoever sits in a desktop needs no look at accounts.
 */
export async function* endpointCandidates(asker: Asker): AsyncGenerator<Candidate, void> {
  const named = namedCandidates(asker.environment);
  if (named.length > 0) {
    yield* named;
    return;
  }
  const user = given(asker.environment, "JOBMAN_USER");
  if (user !== undefined) {
    yield* socketsOf(asker, user);
    return;
  }
  yield socketAt(desktop.socket);
  yield desktopAddress(asker);
  yield* await ownSockets(asker);
  if (asker.uid === 0) yield onlySocket(asker);
}

/** What the environment says of which scheduler is meant. */
function namedCandidates(environment: Asker["environment"]): readonly Candidate[] {
  const [socket, address] = [given(environment, "JOBMAN_SOCKET"), given(environment, "JOBMAN_URL")];
  if (socket !== undefined && address !== undefined) {
    return [
      { place: "$JOBMAN_SOCKET and $JOBMAN_URL", reason: "both are set: which one is meant? unset one" },
    ];
  }
  if (socket !== undefined) return [socketAt(socket, `$JOBMAN_SOCKET (${socket})`)];
  return address === undefined ? [] : [namedAddress(environment, address)];
}

function namedAddress(environment: Asker["environment"], address: string): Candidate {
  const url = parseAddress(address);
  if (!(url instanceof URL)) return { place: "$JOBMAN_URL", reason: url.reason };
  const place = `$JOBMAN_URL (${url.href})`;
  const [tokenFile, authorityFile] = ["JOBMAN_TOKEN_FILE", "JOBMAN_CA_FILE"].map((name) =>
    given(environment, name),
  );
  if (tokenFile === undefined)
    return { place, reason: "$JOBMAN_TOKEN_FILE is not set: it names your token's file" };
  return {
    place,
    endpoint: { kind: "url", url, tokenFile, ...(authorityFile === undefined ? {} : { authorityFile }) },
  };
}

function desktopAddress(asker: Asker): Candidate {
  try {
    const text = asker.readText(desktop.address);
    if (text === undefined) return { place: desktop.address, reason: "there is no such file" };
    const url = parseAddress(text.trim());
    if (!(url instanceof URL)) return { place: desktop.address, reason: url.reason };
    const hasAuthority = asker.readText(desktop.authority) !== undefined;
    const authority = hasAuthority ? { authorityFile: desktop.authority } : {};
    return {
      place: `${desktop.address} (${url.href})`,
      endpoint: { kind: "url", url, tokenFile: desktop.token, ...authority },
    };
  } catch (error) {
    return { place: desktop.address, reason: String(error) };
  }
}

async function ownSockets(asker: Asker): Promise<readonly Candidate[]> {
  const login = await asker.login();
  if (login === undefined) return [{ place: `${systemRun}/users`, reason: `uid ${asker.uid} has no name` }];
  return socketsOf(asker, login);
}

function socketsOf(asker: Asker, user: string): readonly Candidate[] {
  const runs = new Set([systemRun, placesFor(asker.uid, asker.environment).run]);
  return [...runs].map((run) => socketAt(userSocket(run, user).socket));
}

function socketAt(path: string, place = path): Candidate {
  return { place, endpoint: { kind: "socket", path } };
}

/** For root, who is no user of the queue as a rule: the one user of this machine, if there is exactly one. */
function onlySocket(asker: Asker): Candidate {
  const folder = `${systemRun}/users`;
  try {
    const users = asker.listFolders(folder);
    const [only] = users;
    if (only !== undefined && users.length === 1) return socketAt(userSocket(systemRun, only).socket);
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

/** An empty value is none. */
function given(environment: Asker["environment"], name: string): string | undefined {
  const value = environment[name];
  return value === "" ? undefined : value;
}
